// The time that is set in a meeting runs down on every device, by the clock of the house: [data-clock] is what that showed when
// the page was made.
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
}
