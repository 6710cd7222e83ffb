// SPDX-License-Identifier: Apache-2.0
import { useRef, useState } from 'preact/hooks';
import { toProblem, type Problem } from '../jmap/problem';
import { logIn } from '../store/server';
import { auth, user } from '../store/state';
import { t } from '../text/catalogue';
import { problemText } from '../text/problems';

export function LoginPage() {
  return (
    <main class="login">
      <h1><img src="/icon.svg" alt="" width="40" height="40" /> Posthorn</h1>
      <LoginForm />
    </main>
  );
}

export function LoginForm() {
  const again = auth.value === 'expired';
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const name = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);

  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      await logIn(again ? user.value : (name.current?.value.trim() ?? ''), password.current?.value ?? '');
    } catch (error) {
      setProblem(toProblem(error));
      password.current?.select();
    } finally {
      setBusy(false);
    }
  };

  return (
    <form onSubmit={(event) => void submit(event)}>
      <label>
        {t('login.user')}
        <input ref={name} name="username" autocomplete="username" required autofocus={!again} readOnly={again}
          value={again ? user.value : undefined} autocapitalize="none" spellcheck={false} />
      </label>
      <label>
        {t('login.password')}
        <input ref={password} name="password" type="password" autocomplete="current-password" required autofocus={again} />
      </label>
      {problem && <p class="wrong" role="alert">{problemText(problem)}</p>}
      <button type="submit" class="primary" disabled={busy}>{busy ? t('login.busy') : t('login.submit')}</button>
    </form>
  );
}
