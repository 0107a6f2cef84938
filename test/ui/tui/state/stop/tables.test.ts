/** The table of all refusals at the end of a run. */
import test from 'ava';
import { performed } from '../../support/performed.ts';

test('a component that tries again and again has no rows among those who were refused', async (t) => {
  const ids = ['today', 'all-at-once', 'kubectl-notices', 'node-lost', 'forgotten'];
  const screen = await performed(t, {
    scenario: 'k8s-new-ca',
    columns: 120,
    rows: 40,
    edit({ file }) {
      file.steps = file.steps.filter(({ id }) => ids.includes(id));
      delete file.short;
    },
  });
  const { press, until } = screen;
  const ending = /claims proven/;
  let text = await until(/The cluster gets a new CA/);
  for (let keys = 0; keys < 20 && !ending.test(text); keys++) {
    const at = text.split('\n')[0] ?? '';
    await press(' ');
    text = await until((now) => (now.split('\n')[0] ?? '') !== at && !/running|please wait/.test(now));
  }
  text = await until(/All refusals at a glance/);
  t.regex(text, /\blaptop /);
  t.notRegex(text, /^ *kubelet /m);
  await screen.leave();
});
