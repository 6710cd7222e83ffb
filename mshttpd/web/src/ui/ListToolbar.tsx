// SPDX-License-Identifier: Apache-2.0
import { moveToRole, remove, setSeen, toggleStar } from '../store/actions';
import { selectAll, targets } from '../store/selecting';
import { listing, selected } from '../store/state';
import { t } from '../text/catalogue';
import { dialog } from './Dialogs';
import { IconButton } from './Icon';

/** Above the list: what it is, or what can be done with what is selected. */
export function ListToolbar({ title }: { title: string }) {
  const chosen = selected.value.size;
  const total = listing.value.ids.length;
  const all = listing.value.ids.filter((id) => id !== undefined);
  const more = chosen > 0 && chosen >= all.length && total > all.length;
  return (
    <>
    <div class="toolbar" role="toolbar" aria-label={t('list.toolbar')}>
      <input type="checkbox" checked={chosen > 0} aria-label={chosen > 0 ? t('list.selectNone') : t('list.selectAll')}
        ref={(box) => void (box && (box.indeterminate = chosen > 0 && chosen < total))}
        onClick={() => (selected.value = chosen > 0 ? new Set() : new Set(all))} />
      {chosen === 0
        ? <><h1>{title}</h1><span class="total">{t('list.conversations', { n: total })}</span></>
        : (
          <>
            <span class="total" role="status">{t('list.selected', { n: chosen })}</span>
            <IconButton icon="archive" label={t('action.archive')} onClick={() => void moveToRole('archive')} />
            <IconButton icon="trash" label={t('action.delete')} onClick={() => void remove()} />
            <IconButton icon="junk" label={t('action.junk')} onClick={() => void moveToRole('junk')} />
            <IconButton icon="folder" label={t('action.move')} onClick={() => (dialog.value = { kind: 'move', rows: targets() })} />
            <IconButton icon="unread" label={t('action.markUnread')} onClick={() => void setSeen(false)} />
            <IconButton icon="check" label={t('action.markRead')} onClick={() => void setSeen(true)} />
            <IconButton icon="star" label={t('action.star')} onClick={() => void toggleStar()} />
          </>
        )}
    </div>
    {more && (
      <p class="list-more">
        {t('list.allLoaded', { n: chosen })} <button type="button" class="link" onClick={() => void selectAll()}>{t('list.selectReallyAll', { n: total })}</button>
      </p>
    )}
    </>
  );
}
