// SPDX-License-Identifier: Apache-2.0
import { begin, beginAgain, startProblem } from '../store/begin';
import { auth, view } from '../store/state';
import { t } from '../text/catalogue';
import { problemText } from '../text/problems';
import { Dialog } from './Dialog';
import { LoginForm, LoginPage } from './Login';
import { Shell } from './Shell';

export function App() {
  if (startProblem.value && !view.value) return <StartProblem />;
  switch (auth.value) {
    case 'starting':
      return <main class="splash" aria-busy="true">{t('app.loading')}</main>;
    case 'out':
      return <LoginPage />;
    case 'in':
      return <Shell />;
    case 'expired':
      return (
        <>
          <Shell />
          <Dialog title={t('login.expired')} onClose={null}>
            <p>{t('login.expiredText')}</p>
            <LoginForm />
          </Dialog>
        </>
      );
  }
}

function StartProblem() {
  const again = () => void (auth.value === 'in' ? beginAgain() : begin());
  return (
    <main class="splash">
      <p role="alert">{startProblem.value && problemText(startProblem.value)}</p>
      <button type="button" class="primary" onClick={again}>{t('action.retry')}</button>
    </main>
  );
}
