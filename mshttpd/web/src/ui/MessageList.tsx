// SPDX-License-Identifier: Apache-2.0
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { ensureRange, retryList } from '../store/list';
import { cursor, folderOfView, listing, view } from '../store/state';
import { folderName } from '../store/names';
import { t } from '../text/catalogue';
import { problemText } from '../text/problems';
import { openMenu, rowItems } from './ContextMenu';
import { ListToolbar } from './ListToolbar';
import { MessageRow, ROW_HEIGHT } from './MessageRow';
import { Icon } from './Icon';
import { SearchChips } from './SearchBox';

const AROUND = 8; // rows beyond what is seen that are drawn
const SETTLE_MS = 80; // a scroll that flies over thousands of rows fetches none of them

/** Only the rows in sight exist; a box as high as all of them gives the scroll bar its length. */
export function MessageList() {
  const scroller = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(800);
  const { ids, loaded, problem } = listing.value;
  const now = view.value;
  const viewKey = JSON.stringify(now);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useEffect(() => void (scroller.current && (scroller.current.scrollTop = 0)), [viewKey]);

  const first = Math.max(0, Math.floor(top / ROW_HEIGHT) - AROUND);
  const last = Math.min(Math.max(ids.length - 1, 0), Math.ceil((top + height) / ROW_HEIGHT) + AROUND);
  useEffect(() => {
    const timer = setTimeout(() => void ensureRange(first, last), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [first, last, viewKey, ids]);
  useEffect(() => keepCursorInSight(scroller.current, cursor.value ? ids.indexOf(cursor.value) : -1), [cursor.value]);

  const rows = [];
  for (let index = first; index <= last && index < ids.length; index++) {
    rows.push(<MessageRow key={ids[index] ?? `row${index}`} id={ids[index]} index={index} />);
  }
  const name = now?.kind === 'search' ? t('search.results') : folderOfView.value ? folderName(folderOfView.value) : '';
  return (
    <section class="list-pane" aria-label={name}>
      <ListToolbar title={name} />
      {now?.kind === 'search' && <SearchChips text={now.text} accountId={now.accountId} />}
      {problem && (
        <p class="list-note wrong" role="alert">
          {problemText(problem)} <button type="button" onClick={retryList}>{t('action.retry')}</button>
        </p>
      )}
      {loaded && !problem && ids.length === 0 && <EmptyList />}
      {!loaded && <p class="list-note" aria-busy="true">{t('app.loading')}</p>}
      <div id="list" class="list" ref={scroller} tabIndex={0} role="grid" aria-label={name} aria-rowcount={ids.length} aria-multiselectable={true}
        aria-activedescendant={cursor.value ? `row-${cursor.value}` : undefined}
        onContextMenu={rowMenu} onScroll={(event) => setTop(event.currentTarget.scrollTop)}>
        <div class="list-length" role="presentation" style={{ height: `${ids.length * ROW_HEIGHT}px` }}>{rows}</div>
      </div>
    </section>
  );
}

/** Nothing in it, and what that means. */
function EmptyList() {
  const folder = folderOfView.value;
  const search = view.value?.kind === 'search';
  const text = search ? t('list.nothingFound') : folder?.role === 'inbox' ? t('list.emptyInbox') : folder?.role === 'trash' ? t('list.emptyTrash') : t('list.empty');
  return <div class="list-empty"><Icon name={search ? 'search' : folder?.role === 'inbox' ? 'check' : 'folder'} /><p>{text}</p></div>;
}

function rowMenu(event: MouseEvent): void {
  const row = (event.target as Element).closest('.row')?.id.replace(/^row-/, '') ?? cursor.peek();
  if (row) openMenu(event, rowItems(row));
}

function keepCursorInSight(element: HTMLElement | null, index: number): void {
  if (!element || index < 0) return;
  const top = index * ROW_HEIGHT;
  if (top < element.scrollTop) element.scrollTop = top;
  else if (top + ROW_HEIGHT > element.scrollTop + element.clientHeight) element.scrollTop = top + ROW_HEIGHT - element.clientHeight;
}
