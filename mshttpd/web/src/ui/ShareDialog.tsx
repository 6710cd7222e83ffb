// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState } from 'preact/hooks';
import { toProblem, type Problem } from '../jmap/problem';
import type { Principal } from '../jmap/types';
import { folderPath } from '../store/names';
import { findPeople, LEVELS, share, sharees, type Level } from '../store/folders';
import type { Folder } from '../store/state';
import { t } from '../text/catalogue';
import { problemText } from '../text/problems';
import { Dialog } from './Dialog';
import { IconButton } from './Icon';

const FIND_MS = 200;

interface Sharee {
  person: Principal;
  level: Level;
}

/** Who may see a folder, and what they may do in it. Each change acts at once. */
export function ShareDialog({ folder, onClose }: { folder: Folder; onClose: () => void }) {
  const [list, setList] = useState<Sharee[] | null>(null);
  const [text, setText] = useState('');
  const [found, setFound] = useState<Principal[]>([]);
  const [problem, setProblem] = useState<Problem | null>(null);

  const attempt = async (work: () => Promise<void>) => {
    setProblem(null);
    try {
      await work();
    } catch (error) {
      setProblem(toProblem(error));
    }
  };
  useEffect(() => void attempt(async () => setList(await sharees(folder))), [folder.key]);
  useEffect(() => {
    if (!text.trim()) return setFound([]);
    const timer = setTimeout(() => void attempt(async () => setFound(await findPeople(text.trim()))), FIND_MS);
    return () => clearTimeout(timer);
  }, [text]);

  const set = (person: Principal, level: Level | null) => attempt(async () => {
    await share(folder, person, level);
    setList(await sharees(folder));
    setText('');
  });
  const others = found.filter((person) => !list?.some((one) => one.person.id === person.id));
  return (
    <Dialog title={t('share.title', { folder: folderPath(folder) })} onClose={onClose}>
      <label>{t('share.find')}
        <input type="search" value={text} autocomplete="off" autofocus onInput={(event) => setText(event.currentTarget.value)} />
      </label>
      {others.length > 0 && (
        <ul class="choices" aria-label={t('share.found')}>
          {others.map((person) => (
            <li key={person.id}><button type="button" onClick={() => void set(person, 'read')}>{person.name} {person.email && <span>{person.email}</span>}</button></li>
          ))}
        </ul>
      )}
      {problem && <p class="wrong" role="alert">{problemText(problem)}</p>}
      <h3>{t('share.with')}</h3>
      {list === null && !problem && <p aria-busy="true">{t('app.loading')}</p>}
      {list?.length === 0 && <p>{t('share.nobody')}</p>}
      <ul class="sharees">
        {list?.map(({ person, level }) => (
          <li key={person.id}>
            <span>{person.name}</span>
            <select value={level} aria-label={t('share.level', { name: person.name })} onChange={(event) => void set(person, event.currentTarget.value as Level)}>
              {(Object.keys(LEVELS) as Level[]).map((one) => <option key={one} value={one}>{t(`share.level.${one}`)}</option>)}
            </select>
            <IconButton icon="close" label={t('share.end', { name: person.name })} onClick={() => void set(person, null)} />
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
