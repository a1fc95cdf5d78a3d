// What comes later than the page. Such a module is given dom.js: to import it would split app.js in two.
import * as dom from './dom.js';

const offer = {}; // event: the browser offers to install

// device resolves to what device.js can do.
export const device = () => import('./device.js').then(m => m.begin(dom, offer));

dom.onNew(root => { if (dom.$('[data-passkey]', root)) import('./passkey.js').then(m => m.begin(dom)).catch(() => {}); });

if (dom.user()) {
	// A browser offers once, perhaps before anybody listens.
	addEventListener('beforeinstallprompt', e => {
		e.preventDefault();
		offer.event = e;
	});
	addEventListener('load', () => (globalThis.requestIdleCallback ?? setTimeout)(() => device().catch(() => {})));
}
