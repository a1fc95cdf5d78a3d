// All of the page's behaviour. Every form works without it.
import './small.js';
import './draft.js';
import './fragment.js';
import './live.js';
import './lazy.js';
