import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dashboardAddress, dashboardPage, parseRequest } from '../src/dashboardRequest';

test('what the view asks for is read, and nothing beside it', () => {
  assert.deepEqual(parseRequest({ kind: 'load', id: 1, extra: 'x' }), { kind: 'load', id: 1 });
  assert.deepEqual(parseRequest({ kind: 'run', command: 'pause' }), { kind: 'run', command: 'pause' });
  const action = { kind: 'promote', owner: 'dev/ada', version: 'v0002' };
  assert.deepEqual(parseRequest({ kind: 'act', id: 7, action }), { kind: 'act', id: 7, action: { action: 'promote', owner: 'dev/ada', version: 'v0002' } });
});

test('anything else asks for nothing', () => {
  const acts = [{ kind: 'erase' }, { kind: 'promote', owner: 'dev/../x', version: 'v0001' }, { kind: 'promote', owner: 'dev/ada', version: 'latest' }, { kind: 'rollback' }];
  const others = [null, 7, 'load', {}, { kind: 'load' }, { kind: 'load', id: '1' }, { kind: 'run', command: 'workbench.action.quit' }, { kind: 'run' }];
  for (const message of [...others, ...acts.map(action => ({ kind: 'act', id: 1, action }))]) assert.equal(parseRequest(message), undefined, JSON.stringify(message));
});

test('only a page on this machine is opened', () => {
  assert.equal(dashboardAddress({ editor: { address: 'http://127.0.0.1:7717' } }), 'http://127.0.0.1:7717/');
  assert.equal(dashboardAddress({ editor: { address: 'http://[::1]:7717' } }), 'http://[::1]:7717/');
  for (const address of ['http://example.org', 'https://127.0.0.1.evil.example', 'file:///etc', 'http://127.0.0.1:7717/x', 7, undefined]) {
    assert.equal(dashboardAddress({ editor: { address } }), undefined, String(address));
  }
  assert.equal(dashboardAddress(undefined), undefined);
});

test('the page runs its own script and nothing else', () => {
  const page = dashboardPage('vscode-resource://x/dashboard.js', 'vscode-resource://x/dashboard.css', 'vscode-resource:', 'abc');
  assert.match(page, /content="default-src 'none'; style-src vscode-resource:; script-src 'nonce-abc'"/);
  assert.equal(page.match(/<script/g)?.length, 1);
  assert.doesNotMatch(page, /unsafe|http:|https:|style="/);
});
