// Pictures and other files: chosen, dropped or pasted, they go into the house at once and into the text when they are there.
import { Plugin, PluginKey, TextSelection } from 'prosemirror-state';
import { Decoration, DecorationSet } from 'prosemirror-view';

const key = new PluginKey('waiting');

// send resolves to what the house says of a file: { id, name, image } or { wrong }. tell hears how much has gone, in percent.
const send = (url, file, tell) => new Promise(done => {
	const form = new FormData(), r = new XMLHttpRequest(); // fetch tells nothing of progress
	form.append('upload', file, file.name);
	r.responseType = 'json';
	r.upload.onprogress = e => { if (e.lengthComputable) tell(Math.floor(100 * e.loaded / e.total)); };
	r.onload = () => done(r.response?.id || r.response?.wrong ? r.response : {});
	r.onerror = r.onabort = () => done({ offline: true });
	r.open('POST', url);
	r.send(form);
});

// pictures is a plugin that takes files for root, an element with the address and the words as data. ask resolves to the
// alternative text of a picture, null if it is not wanted after all.
export function pictures(root, ask) {
	const news = root.querySelector('.editor-news'), area = root.querySelector('textarea');
	const say = (name, file, wrong) => {
		const p = document.createElement('p');
		p.className = name === 'loading' || name === 'loaded' ? 'hint' : 'error';
		p.textContent = wrong ?? root.dataset[name].replace('%s', file);
		news.replaceChildren(p);
	};
	const found = (view, id) => key.getState(view.state).find(undefined, undefined, d => d.id === id)[0]?.from;

	// add puts a file at a place of the text; where that is meanwhile, the plugin knows.
	async function add(view, file, at) {
		const id = {}, { name } = file, wait = document.createElement('span');
		wait.className = 'editor-wait';
		wait.textContent = name;
		view.dispatch(view.state.tr.setMeta(key, { add: Decoration.widget(at, wait, { id }) }));
		say('loading', name);
		const got = navigator.onLine ? await send(root.dataset.upload, file, n => { wait.textContent = `${name}: ${n} %`; }) : { offline: true };
		const alt = got.image ? await ask('') : '';
		const { schema } = view.state, place = found(view, id);
		let tr = view.state.tr.setMeta(key, { remove: id });
		if (got.id && alt !== null) {
			const src = `/datei/${got.id}`, node = got.image ? schema.nodes.image.create({ src, alt }) : schema.text(got.name, [schema.marks.link.create({ href: src })]);
			if (place !== undefined && !view.dom.parentNode.hidden) tr = tr.replaceWith(place, place, node);
			else { // the other side is open: it goes where that has its mark
				area.setRangeText(got.image ? `![${alt.replace(/[\\[\]]/g, '\\$&')}](${src})` : `[${got.name.replace(/[\\[\]]/g, '\\$&')}](${src})`);
				area.dispatchEvent(new Event('input', { bubbles: true }));
			}
		}
		view.dispatch(tr);
		say(got.id ? 'loaded' : got.offline ? 'offline' : 'refused', name, got.wrong);
	}
	// One after the other, since each asks for its words.
	const addAll = async (view, files, at) => {
		for (const file of files) {
			await add(view, file, Math.min(at, view.state.doc.content.size));
			at = view.state.selection.from;
		}
		view.focus();
	};

	const plugin = new Plugin({
		key,
		state: {
			init: () => DecorationSet.empty,
			apply(tr, set) {
				set = set.map(tr.mapping, tr.doc);
				const { add: one, remove } = tr.getMeta(key) ?? {};
				if (one) return set.add(tr.doc, [one]);
				return remove ? set.remove(set.find(undefined, undefined, d => d.id === remove)) : set;
			},
		},
		props: {
			decorations: state => key.getState(state),
			// Who has tapped a picture and types, types behind it, and not in its place.
			handleTextInput(view, _from, to, words) {
				if (view.state.selection.node?.type.name !== 'image') return false;
				const tr = view.state.tr.insertText(words, to, to);
				view.dispatch(tr.setSelection(TextSelection.create(tr.doc, to + words.length)).scrollIntoView());
				return true;
			},
			handlePaste(view, e) {
				const { files } = e.clipboardData;
				// Word brings a picture of what it brings as text, too.
				if (!files.length || e.clipboardData.getData('text/plain').trim()) return false;
				addAll(view, [...files], view.state.selection.from);
				return true;
			},
			handleDrop(view, e) {
				const { files } = e.dataTransfer;
				if (!files.length) return false;
				e.preventDefault();
				addAll(view, [...files], view.posAtCoords({ left: e.clientX, top: e.clientY })?.pos ?? view.state.selection.from);
				return true;
			},
		},
	});
	return { plugin, addAll };
}

// act is the button: it asks for a file, or for the words of the picture that is selected.
export function act(field, ask, addAll) {
	return {
		run(state, dispatch, view) {
			const { node } = state.selection;
			if (node?.type.name === 'image') {
				ask(node.attrs.alt).then(alt => {
					view.focus();
					if (alt !== null) dispatch(view.state.tr.setNodeMarkup(state.selection.from, null, { ...node.attrs, alt }));
				});
				return 'asks';
			}
			field.value = '';
			field.onchange = () => addAll(view, [...field.files], view.state.selection.from);
			field.click();
			return 'asks';
		},
		on: state => state.selection.node?.type.name === 'image',
	};
}
