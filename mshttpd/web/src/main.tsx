// SPDX-License-Identifier: Apache-2.0
import { render } from 'preact';
import './style/base.css';
import './style/shell.css';
import './style/list.css';
import './style/reading.css';
import './style/compose.css';
import './style/dialog.css';
import './style/print.css';
import { begin } from './store/begin';
import { App } from './ui/App';
import { followTheme } from './ui/theme';

followTheme();
render(<App />, document.getElementById('app')!);
void begin();
