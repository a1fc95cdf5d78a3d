// The time that is set in a meeting runs down on every device, by the clock of the house: [data-clock] is what that showed when
// the page was made.
// form[data-wording]: the others read the words of a motion while somebody writes them. They are saved a second after a key.
export function begin({ $, $$ }) {
	const loaded = performance.timeOrigin + (performance.getEntriesByType('navigation')[0]?.responseEnd ?? 0);
	const ahead = loaded - $('[data-clock]').dataset.clock; // of our clock
	const words = new WeakMap();
	setInterval(() => {
		for (const x of $$('[data-until]')) {
			if (!words.has(x)) words.set(x, x.textContent);
			const left = Math.ceil((x.dataset.until - Date.now() + ahead) / 1000);
			x.textContent = left < -600 ? words.get(x) : (left < 0 ? '−' : '') + `${Math.floor(Math.abs(left) / 60)}:${String(Math.abs(left) % 60).padStart(2, '0')}`;
			x.parentNode.classList.toggle('warn', left < 0);
		}
	}, 250);

	const timers = new Map();
	async function save(form) {
		timers.set(form, 0);
		const { edition, wording, title } = form.elements, said = $('[data-said]', form), sent = [wording.value, title.value];
		if (!form.isConnected || !sent[0].trim()) return;
		try {
			const answer = await fetch(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form)), headers: { 'X-Autosave': '1' } });
			if (!answer.ok) throw Error(answer.status);
			const now = await answer.json();
			if (now.edition) {
				edition.value = now.edition;
				[wording.defaultValue, title.defaultValue] = sent;
			}
			said.textContent = now.words || form.dataset.saved;
			if (now.edition && (sent[0] !== wording.value || sent[1] !== title.value)) later(form);
		} catch {
			timers.delete(form);
			later(form, 5000);
		}
	}
	function later(form, ms = 1000) {
		if (!timers.get(form)) timers.set(form, setTimeout(save, ms, form));
	}
	addEventListener('input', e => {
		const form = e.target.closest?.('form[data-wording]');
		if (form) later(form);
	});
	addEventListener('submit', e => clearTimeout(timers.get(e.target)));
}
