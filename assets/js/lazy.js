// What comes later than the page. Such a module is given what it needs of dom.js: to import it would split app.js in two.
import { forget } from './draft.js';
import { $, $$, bare, byId, focus, isNew, onNew, page, parse, phrases, say, seen, user, words, worker } from './dom.js';

const dom = { $, $$, bare, byId, focus, forget, isNew, onNew, page, parse, phrases, say, seen, user, words, worker };
const offer = {}; // event: the browser offers to install

// device resolves to what device.js can do.
export const device = () => import('./device.js').then(m => m.begin(dom, offer));

onNew(root => { if ($('[data-passkey]', root)) import('./passkey.js').then(m => m.begin(dom)).catch(() => {}); });
if ($('[data-search]')) import('./search.js').then(m => m.begin(dom)).catch(() => {});

onNew(root => { if ($('[data-sign]', root)) import('./sign.js').then(m => m.begin(dom)).catch(() => {}); });
onNew(root => { if ($('[data-ballot]', root)) import('./ballot.js').then(m => m.begin(dom)).catch(() => {}); });

onNew(root => { if ($('textarea[data-editor]', root)) import('./editor.js').then(m => m.begin(dom)).catch(e => { console.error(e.stack); }); });

if ($('[data-roll]')) Promise.all([import('./roll.js'), device()]).then(([m, d]) => m.begin(dom, d)).catch(() => {});
if ($('[data-clock]')) import('./floor.js').then(m => m.begin(dom)).catch(() => {});
if ($('[data-sort]')) import('./sort.js').then(m => m.begin(dom)).catch(() => {});
if ($('[data-talk]')) import('./message.js').then(m => m.begin(dom)).catch(() => {});
if ($('form[data-minutes]')) import('./minutes.js').then(m => m.begin(dom)).catch(() => {});

if (globalThis.Translator && !document.documentElement.lang.startsWith('de') && $('.prose[lang=de]'))
	import('./translate.js').then(m => m.begin(dom)).catch(() => {});

if (user()) {
	// A browser offers once, perhaps before anybody listens.
	addEventListener('beforeinstallprompt', e => {
		e.preventDefault();
		offer.event = e;
	});
	addEventListener('load', () => (globalThis.requestIdleCallback ?? setTimeout)(() => device().catch(() => {})));
}
