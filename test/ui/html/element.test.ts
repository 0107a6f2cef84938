import test from 'ava';
import { assert, property, string } from 'fast-check';
import { code, element, json, render, textIn } from '../../../src/ui/html/element.ts';

test('a string is text: markup in it is escaped, in content and in attributes', (t) => {
  const hostile = `</p><script>alert('1')</script>"&`;
  const markup = render(element('p', { title: hostile, id: 'a' }, hostile), 'en');
  t.is(markup.match(/</g)?.length, 2, markup);
  t.is(markup.match(/"/g)?.length, 4, markup);
  t.true(markup.includes('&#60;script&#62;alert(&#39;1&#39;)'));
});

test('whatever the text, the markup has the same elements and ends where it should', (t) => {
  assert(
    property(string({ unit: 'binary' }), (text) => {
      const markup = render(element('p', { title: text }, text), 'ko');
      t.regex(markup, /^<p title="[^"<>]*">[^<>]*<\/p>$/);
    }),
  );
});

test('what could reorder or hide text is a visible dot; lines stay lines', (t) => {
  t.is(render(element('pre', {}, 'a\u202eb\0c\u200bd\r\ne'), 'en'), '<pre>a·b·c·d\ne</pre>');
});

test('a text in two languages is an element for each, unless it is the same in both', (t) => {
  t.is(
    render(element('p', {}, { en: 'record', ko: '레코드' }, ' ', { en: 'TLS', ko: 'TLS' }, 7), 'en'),
    '<p><span lang="en">record</span><span lang="ko">레코드</span> TLS7</p>',
  );
  t.is(
    render(element('text', { x: 1 }, { en: 'record', ko: '레코드' }), 'ko'),
    '<text x="1"><tspan lang="en">record</tspan><tspan lang="ko">레코드</tspan></text>',
  );
});

test('an attribute and a title are in the language of the document, with the others beside it', (t) => {
  const words = { en: 'bytes', ko: '바이트' };
  t.is(
    render(element('div', { 'aria-label': words, title: 'x' }), 'ko'),
    '<div aria-label="바이트" data-en-aria-label="bytes" data-ko-aria-label="바이트" title="x" data-localized="aria-label"></div>',
  );
  t.is(
    render(element('title', {}, words), 'en'),
    '<title data-en-text="bytes" data-ko-text="바이트" data-localized="text">bytes</title>',
  );
});

test('void elements have no end; attributes that are false or undefined are left out', (t) => {
  t.is(
    render(element('input', { type: 'checkbox', checked: true, disabled: false, id: undefined }), 'en'),
    '<input type="checkbox" checked>',
  );
  t.is(render([element('br'), undefined, ['a', ['b']]], 'en'), '<br>ab');
});

test('what would run a script, load something or lead away throws', (t) => {
  for (const attributes of [
    { onclick: 'x' },
    { onLoad: 'x' },
    { style: 'x' },
    { srcdoc: 'x' },
    { 'a b': 'x' },
    { '"': 'x' },
    { href: 'https://example.com/' },
    { href: 'javascript:alert(1)' },
    { src: '//example.com' },
    { 'xlink:href': 'data:text/html,x' },
  ])
    t.throws(() => element('a', attributes), undefined, JSON.stringify(attributes));
  t.notThrows(() => element('a', { href: '#step-1' }));
  t.notThrows(() => element('link', { rel: 'icon', href: 'data:,' }));
  t.throws(() => element('script'));
  t.throws(() => element('style', {}, 'x'));
  t.throws(() => element('a><b'));
});

test('a script of our own that would end its element throws, and data of any kind cannot', (t) => {
  t.throws(() => code('script', 'a("</script>")'));
  t.throws(() => code('script', '<!-- x'));
  t.is(render(code('style', 'a > b { color: red }'), 'en'), '<style>a > b { color: red }</style>');
  const data = { text: '</script><!--<script>\u2028&', list: [1] };
  const markup = render(json('data', data), 'en');
  t.is(markup.match(/</g)?.length, 2);
  t.deepEqual(JSON.parse(markup.replace(/^<[^>]*>/, '').replace(/<[^<]*$/, '')), data);
});

test('the text of a tree is what a reader of one language reads', (t) => {
  const tree = element(
    'p',
    { title: 'no' },
    { en: 'one', ko: '하나' },
    element('b', {}, ' <2>'),
    code('script', 'x'),
  );
  t.is(textIn(tree, 'en'), 'one <2>');
  t.is(textIn(tree, 'ko'), '하나 <2>');
});
