// input[data-search="#id"]: the hits come while somebody is typing. Without connection, or when it was too often, what is
// shown stays; the button asks as a form does.
export function begin({ byId, isNew, page, phrases, say }) {
	const field = document.querySelector('[data-search]'), form = field.form, id = field.dataset.search.slice(1);
	let timer, last = field.value.trim(), asked;

	async function look() {
		const q = field.value.trim();
		if (q === last || q.length < 3) return;
		last = q;
		asked?.abort();
		asked = new AbortController();
		const url = form.action + '?' + new URLSearchParams(new FormData(form));
		try {
			const answer = await fetch(url, { headers: { 'X-Live': '1' }, signal: asked.signal });
			const part = answer.ok && byId(id, await page(answer));
			if (!part || field.value.trim() !== q) return;
			byId(id).replaceWith(part);
			isNew(part);
			history.replaceState(history.state, '', url);
			say(phrases.hits.replace('%d', part.dataset.count ?? 0));
		} catch { /* the next letter asks again */ }
	}

	field.addEventListener('input', () => {
		clearTimeout(timer);
		timer = setTimeout(look, 400);
	});
}
