// SPDX-License-Identifier: Apache-2.0
import { signal } from '@preact/signals';
import type { Id } from '../jmap/types';

/** The rows that are being dragged; empty when none are. What a drag carries cannot be read before it is dropped. */
export const dragged = signal<readonly Id[]>([]);
