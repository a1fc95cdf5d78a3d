// What waits on this device to be sent, and the little that the worker has to remember. Page and worker both use it.

const open = () => new Promise((ok, no) => {
	const r = indexedDB.open('nestfunk', 1);
	r.onupgradeneeded = () => {
		r.result.createObjectStore('outbox', { keyPath: 'key' });
		r.result.createObjectStore('state');
	};
	r.onsuccess = () => ok(r.result);
	r.onerror = () => no(r.error);
});

// use runs f on one of the two stores and resolves to its result once that is safely written.
async function use(name, mode, f) {
	const db = await open();
	try {
		return await new Promise((ok, no) => {
			const t = db.transaction(name, mode), r = f(t.objectStore(name));
			t.oncomplete = () => ok(r.result);
			t.onerror = t.onabort = () => no(t.error);
		});
	} finally { db.close(); }
}

// recall knows nothing where a browser forbids to store anything.
export const recall = key => use('state', 'readonly', s => s.get(key)).catch(() => undefined);
export const remember = (key, value) => use('state', 'readwrite', s => s.put(value, key));
export const forgetAll = async () => {
	await use('state', 'readwrite', s => s.clear());
	await use('outbox', 'readwrite', s => s.clear());
};

// An entry is { key, user, url, body, at } and, for people, { title, draft, page }. answer is the page with which the
// house refused it. One key an entry: what is tapped twice waits once.
export const entries = () => use('outbox', 'readonly', s => s.getAll());
export const put = entry => use('outbox', 'readwrite', s => s.put(entry));
export const drop = key => use('outbox', 'readwrite', s => s.delete(key));

// Page and worker must not send at the same time. Old browsers have no locks; the house takes an entry once anyway.
export const alone = f => navigator.locks ? navigator.locks.request('outbox', f) : f();

// flush sends what waits for a person and resolves to how many entries were settled. It throws without a connection.
export const flush = user => alone(async () => {
	let settled = 0;
	for (const entry of await entries()) {
		if (entry.user !== user || entry.answer) continue;
		const answer = await fetch(entry.url, {
			method: 'POST', body: new URLSearchParams(entry.body), headers: { 'X-Live': '1', 'X-Person': user, 'X-Waited': Math.max(0, Date.now() - entry.at) }, signal: AbortSignal.timeout?.(3e4),
		});
		const text = await answer.text();
		// too much to do, or another is signed in by now, or nobody: then it goes on waiting
		if (answer.status >= 500 || answer.status === 429 || /<body data-user="(\d*)"/.exec(text)?.[1] !== user) break;
		await (answer.ok ? drop(entry.key) : put({ ...entry, answer: text }));
		settled++;
	}
	return settled;
});
