// SPDX-License-Identifier: Apache-2.0

/** A bare number for the eye, with its meaning for the ear. */
export function Count({ n, text, class: name }: { n: number; text: string; class: string }) {
  return (
    <span class={name}>
      <span aria-hidden="true">{n}</span>
      <span class="sr-only">{text}</span>
    </span>
  );
}
