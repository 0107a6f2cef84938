import test from 'ava';
import { explore, flowsOf, readBack } from '../support/explorer.ts';
import { recorded } from '../../tui/support/scenes.ts';

test('x', (t) => {
  for (const name of ['plaintext', 'tls', 'mtls'] as const) {
  const { driver, log } = recorded(name);
  for (let stop = ''; stop !== driver.stop; driver.press('space')) stop = driver.stop;
  const flows = flowsOf(log);
  const begun = performance.now();
  const { section } = explore(flows);
  const took = performance.now() - begun;
  const back = readBack(section);
  t.log(name, took, back.size, back.bytes.length, back.index, back.texts.explanations.length, back.connections.length, back.items.length);
  for (const item of back.items.slice(0,name === 'mtls' ? 20 : 0)) t.log(item.titleText, item.readings, item.offset, item.length, item.stored.length, item.shownFields.length, item.concluded, item.secretTexts, item.shownFields.slice(0,8).map((f) => `${f.depth} ${f.start}-${f.end} ${f.explanation.id} ${f.name}=${f.value}`).join('\n'));
  }
  t.pass();
});
