// What people wrote in German, on a page in another language: a button has the browser translate it, on the device. Only
// where the browser brings a translator (Translator API); nothing leaves the device, and the page says that it was a machine.
const from = 'de', to = document.documentElement.lang.slice(0, 2);

let dom;

export async function begin(d) {
	dom = d;
	const pair = { sourceLanguage: from, targetLanguage: to };
	if (await Translator.availability(pair) === 'unavailable') return;
	dom.onNew(root => dom.$$(`.prose[lang=${from}]`, root).forEach(prose => {
		if (prose.textContent.trim() && !prose.nextElementSibling?.matches('.translate')) offer(prose, pair);
	}));
}

function element(name, className, text) {
	const x = document.createElement(name);
	x.className = className;
	x.textContent = text;
	return x;
}

function offer(prose, pair) {
	const row = element('p', 'translate actions', ''), button = element('button', 'btn small secondary', dom.phrases.translate), note = element('span', 'small muted', '');
	button.type = 'button';
	note.setAttribute('role', 'status');
	row.append(button, note);
	prose.after(row);
	let original; // the nodes, while their translation is shown
	button.onclick = async () => {
		if (original) {
			prose.replaceChildren(...original);
			[prose.lang, original, button.textContent, note.textContent] = [from, undefined, dom.phrases.translate, ''];
			return;
		}
		button.setAttribute('aria-disabled', 'true');
		try {
			const copy = await translated(prose, await Translator.create(pair));
			original = [...prose.childNodes];
			prose.replaceChildren(...copy.childNodes);
			[prose.lang, button.textContent, note.textContent] = [to, dom.phrases.original, dom.phrases.machine];
		} catch {
			note.textContent = dom.phrases.untranslated;
		} finally {
			button.removeAttribute('aria-disabled');
		}
	};
}

// translated is a copy with other words and the same markup.
async function translated(prose, translator) {
	const copy = prose.cloneNode(true), texts = document.createTreeWalker(copy, NodeFilter.SHOW_TEXT);
	while (texts.nextNode()) {
		const node = texts.currentNode, [before, after] = [/^\s*/, /\s*$/].map(x => x.exec(node.data)[0]);
		if (node.data.trim()) node.data = before + (await translator.translate(node.data.trim())).trim() + after;
	}
	return copy;
}
