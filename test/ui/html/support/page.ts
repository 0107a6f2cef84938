/** A page with the explorer and nothing else, as a document contains it: with its policy, its style and its script. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { findPlaces, pageScriptFile } from '../../../../src/cli/places.ts';
import type { Language } from '../../../../src/i18n/language.ts';
import { explorerStyle } from '../../../../src/ui/html/bytes/style.ts';
import { pagePolicy } from '../../../../src/ui/html/document.ts';
import { code, element, render } from '../../../../src/ui/html/element.ts';
import type { Html } from '../../../../src/ui/html/element.ts';

const pageStyle = `
body { margin: 0.5rem; font: 1rem/1.4 system-ui, sans-serif; background: var(--bytes-back); color: var(--bytes-text); }
:root:lang(en) span[lang='ko'], :root:lang(ko) span[lang='en'] { display: none; }
`;

/** The page as text. */
export function pageWith(section: Html, language: Language = 'en'): string {
  const script = readFileSync(pageScriptFile(findPlaces({})), 'utf8');
  const style = pageStyle + explorerStyle;
  const page = element(
    'html',
    { lang: language },
    element(
      'head',
      {},
      element('meta', { charset: 'utf-8' }),
      element('meta', { 'http-equiv': 'Content-Security-Policy', content: pagePolicy(script, style) }),
      element('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
      element('title', {}, 'bytes'),
      code('style', style),
    ),
    element(
      'body',
      {},
      element('main', {}, element('h1', {}, 'log'), element('h2', {}, 'bytes'), section),
      code('script', script),
    ),
  );
  return `<!doctype html>\n${render(page, language)}`;
}

/** The page as a file, which goes with the test. */
export function pageFile(t: ExecutionContext, page: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-page-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'page.html');
  writeFileSync(path, page);
  return path;
}
