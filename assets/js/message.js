// [data-talk="17"]: a conversation, and from which message on it is new. It opens there, or at its end. What stood on the
// screen counts as read: form[data-read] says so, and the page stays at the place where it began.
let dom, told = 0;

export function begin(d) {
	if (dom) return;
	dom = d;
	if (!location.search) history.replaceState(null, '', '?ab=' + dom.$('[data-talk]').dataset.talk + location.hash);
	if (!location.hash && !dom.$('.error-summary')) (dom.byId('neu') ?? dom.$('[data-last]'))?.scrollIntoView({ block: 'center', behavior: 'instant' });
	dom.onNew(read);
	document.addEventListener('visibilitychange', read);
}

function read() {
	setTimeout(() => {
		const form = dom.$('form[data-read]'), message = +form?.elements.message.value;
		if (!form || document.hidden || message <= told) return;
		told = message;
		fetch(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form)), headers: { 'X-Live': '1' } }).catch(() => { told = 0; });
	}, 1000);
}
