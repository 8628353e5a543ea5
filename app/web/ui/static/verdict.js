// @ts-check
// What people say of a found page: that it is the right one, or not.

import { h, t } from './dom.js';
import { iconButton } from './icons.js';

/**
 * @param {{model: () => any, onjudge: (judged: any, relevant: boolean | null) => Promise<boolean>}} options
 *   model: the present page's, where there is one; onjudge: keeps a person's word, null takes it back; whether that worked
 */
export function makeVerdict({ model, onjudge }) {
  const yes = iconButton('thumbUp', t('judge yes'), () => judge(true));
  const no = iconButton('thumbDown', t('judge no'), () => judge(false));
  const element = h('div', { class: 'pl-verdict', role: 'group', 'aria-label': t('judge question') }, h('span', {}, t('judge question')), yes, no);

  /** Kept one after the other, so that the newest word is the last one. */
  let keeping = Promise.resolve(true);
  let nSaid = 0;

  /** Said again, it is taken back. */
  async function judge(/** @type {boolean} */ relevant) {
    const judged = model();
    if (!judged) return;
    const said = ++nSaid;
    judged.kept ??= { relevant: judged.relevant };
    const now = judged.relevant === relevant ? null : relevant;
    judged.relevant = now;
    draw(now);
    keeping = keeping.then(() => onjudge(judged, now));
    if (await keeping) judged.kept = { relevant: now };
    else if (said === nSaid) judged.relevant = judged.kept.relevant;
    if (model() === judged) draw(judged.relevant);
  }

  function draw(/** @type {boolean | null} */ relevant) {
    yes.setAttribute('aria-pressed', String(relevant === true));
    no.setAttribute('aria-pressed', String(relevant === false));
  }

  return { element, draw };
}

/**
 * Keep a person's word on the page that is read, and say so; whether that worked.
 * @param {import('./app.js').App} app
 * @param {ReturnType<typeof import('./lights.js').makeLights>} lights
 * @param {import('./reader.js').View} view
 * @param {boolean | null} relevant
 */
export async function keepVerdict(app, lights, { query, document_id, page }, relevant) {
  try {
    await app.ask('judge_page', { query, document_id, page, relevant });
    const lit = lights.get(document_id, page, query);
    if (lit) lit.relevant = relevant;
    app.toast(relevant === null ? t('judged none') : relevant ? t('judged yes') : t('judged no'));
    return true;
  } catch (error) {
    app.toast(/** @type {Error} */ (error).message);
    return false;
  }
}
