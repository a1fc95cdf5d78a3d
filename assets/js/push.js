// Notifications of this device, as page and worker turn them on and off.

const post = (path, fields) => fetch(path, { method: 'POST', body: new URLSearchParams(fields) });

// key is the house's public key; undefined where the house sends no notifications.
export async function key() {
	const answer = await fetch('/geraet/schluessel');
	return answer.ok ? (await answer.json()).key : undefined;
}

// tell gives the house a subscription of this device: again and again, since either side may have lost it.
export async function tell(subscription) {
	const { endpoint, keys } = subscription.toJSON();
	const answer = await post('/geraet/push', { endpoint, key: keys.p256dh, secret: keys.auth });
	if (!answer.ok) throw Error(answer.status);
}

export const untell = endpoint => post('/geraet/push/ende', { endpoint });

export const shown = ref => post('/geraet/gezeigt', { ref });

const bytes = s => Uint8Array.from(atob(s.replace(/-/g, '+').replace(/_/g, '/')), c => c.charCodeAt(0));

// subscribe needs a permission that was given before.
export async function subscribe(registration) {
	const applicationServerKey = bytes(await key());
	const manager = registration.pushManager, old = await manager.getSubscription();
	const known = old?.options.applicationServerKey;
	if (old && known && String(new Uint8Array(known)) !== String(applicationServerKey)) await old.unsubscribe(); // the house has a new key
	const subscription = await manager.subscribe({ userVisibleOnly: true, applicationServerKey });
	await tell(subscription);
	return subscription;
}
