// Chromium alone, for pages that need no editor: a page in a given size and colour scheme, and what it complained about.
import { openBrowser } from './launch.mjs';

/**
 * Starts a browser; the function that is returned opens `url` in it and calls `play(page, complaints)`. It fails when
 * the page logs an error, breaks its own security policy, or asks any other origin. `options` are Playwright's for a
 * context, such as `viewport` and `colorScheme`. `end()` closes the browser.
 */
export async function visitor(url) {
  const browser = await openBrowser();
  const visit = async (options, play) => {
    const complaints = [];
    const context = await browser.newContext({ locale: 'en-US', ...options });
    try {
      const page = await context.newPage();
      page.setDefaultTimeout(30_000 * Number(process.env.VSCODE_HARNESS_SLOW ?? 1));
      page.on('console', message => { if (message.type() === 'error') complaints.push(message.text()); });
      page.on('pageerror', error => complaints.push(String(error)));
      page.on('request', request => { if (!request.url().startsWith(url)) complaints.push(`asked ${request.url()}`); });
      await page.goto(url);
      await play(page, complaints);
    } finally {
      await context.close();
    }
    if (complaints.length) throw new Error(`the page complained:\n${complaints.join('\n')}`);
  };
  return { visit, end: () => browser.close() };
}
