/** Starts the page, in a browser or in an editor. */
import { App } from './app';
import { findHost } from './host';
import './dashboard.css';

const root = document.getElementById('app');
const host = findHost();
document.body.classList.add(host.inEditor ? 'editor' : 'web');
if (root) new App(host, root).start();
