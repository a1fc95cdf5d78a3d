// The page "Dieses Gerät": what works here, and how to have the rest. Comes on that page only.

let dom, device;

export function begin(d, api) {
	[dom, device] = [d, api];
	for (const part of dom.$$('[data-device]')) parts[part.dataset.device]?.(part);
}

// is shows which of a part's sentences is true.
const is = (part, state) => dom.$$('[data-when]', part).forEach(x => { x.hidden = !x.dataset.when.split(' ').includes(state); });

const apple = /iPhone|iPad|iPod/.test(navigator.userAgent) || navigator.platform === 'MacIntel' && navigator.maxTouchPoints > 1;
const platform = apple ? 'ios' : /Android/.test(navigator.userAgent) ? 'android' : 'desktop';

// on has a button of a part do something that may fail.
function on(part, name, act) {
	const button = dom.$(`[data-do=${name}]`, part);
	if (!button) return;
	button.onclick = async () => {
		button.setAttribute('aria-disabled', 'true');
		try { await act(); } catch { is(part, 'failed'); } finally { button.removeAttribute('aria-disabled'); }
	};
}

const parts = {
	push(part) {
		const workers = navigator.serviceWorker;
		const look = async () => {
			if (dom.bare) return is(part, 'shared');
			if (apple && !device.standalone()) return is(part, 'ios');
			if (!workers || !globalThis.PushManager || !globalThis.Notification) return is(part, 'none');
			if (Notification.permission === 'denied') return denied(part);
			const subscription = Notification.permission === 'granted' && await (await workers.ready).pushManager.getSubscription();
			is(part, subscription ? 'on' : 'off');
		};
		on(part, 'on', async () => {
			if (await Notification.requestPermission() === 'granted') {
				await device.subscribe(await workers.ready);
				localStorage.push = 1;
			}
			await look();
		});
		on(part, 'off', async () => {
			const subscription = await (await workers.ready).pushManager.getSubscription();
			localStorage.removeItem('push');
			if (subscription) {
				await device.untell(subscription.endpoint);
				await subscription.unsubscribe();
			}
			await look();
		});
		look();
	},

	install(part) {
		const look = () => is(part, device.standalone() ? 'installed' : device.offer.event ? 'offer' : 'guide');
		for (const guide of dom.$$('details', part)) guide.open = guide.dataset.platform === platform;
		on(part, 'install', async () => {
			const event = device.offer.event;
			delete device.offer.event; // it can be used once
			event.prompt();
			await event.userChoice;
			look();
		});
		addEventListener('beforeinstallprompt', () => setTimeout(look)); // lazy.js has taken it by then
		addEventListener('appinstalled', () => is(part, 'installed'));
		look();
	},

	kept(part) {
		is(part, dom.bare ? 'shared' : navigator.serviceWorker ? 'kept' : 'none');
	},
};

// denied shows how to take it back here.
function denied(part) {
	is(part, 'denied');
	for (const x of dom.$$('[data-platform]', part)) x.hidden = x.dataset.platform !== platform;
}
