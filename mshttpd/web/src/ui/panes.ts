// SPDX-License-Identifier: Apache-2.0
import { signal } from '@preact/signals';

/** On narrow screens the folders lie over the list. */
export const foldersShown = signal(false);
