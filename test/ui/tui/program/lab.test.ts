/** `wirelab lab` in a real terminal: from the first screen over one's own connections to the shell again. */
import test from 'ava';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cellWidth } from '../../../../src/i18n/width.ts';
import { doorOf, knock, logIn } from '../../../helpers/door.ts';
import { withPeer } from '../../../helpers/peer.ts';
import { askWirelab } from '../../../helpers/wirelab.ts';
import { launcher, sharedTmux } from '../support/tmux.ts';

const tmux = sharedTmux();
test.after.always(async () => tmux.close());

const words = {
  en: {
    awaiting: /In another terminal/,
    readable: /READABLE/,
    checked: /saved settings\.yaml \d\d:\d\d:\d\d: checked in \d+\.\d s/,
    done: /2 of 2 ✓/,
    refused: /REFUSED by front/,
    nothing: /nothing arrived on wire B/,
    hint: /hint 1 of 3/,
    over: /The lab mutual-tls has ended\. Your folder: /,
  },
  ko: {
    awaiting: /다른 터미널의 실습 폴더/,
    readable: /평문/,
    checked: /settings\.yaml 저장: \d+\.\d초 만에 확인함/,
    done: /2개 중 2개 ✓/,
    refused: /거부됨\(거부한 쪽: front\)|거부됨/,
    nothing: /구간 B에는 아무것도 오지 않았습니다/,
    hint: /힌트 1\/3/,
    over: /mutual-tls 실습을 끝냈습니다/,
  },
} as const;

for (const [language, columns, rows] of [
  ['en', 100, 30],
  ['ko', 80, 24],
] as const)
  withPeer(
    'tmux',
    `one's own connections and their refusal stand beside the tasks (${language}, ${columns}x${rows})`,
    async (t) => {
      const say = words[language];
      const parent = mkdtempSync(join(tmpdir(), 'wirelab-lab-'));
      t.teardown(() => rmSync(parent, { recursive: true, force: true }));
      const folder = join(parent, 'mine');
      const settings = join(folder, 'settings.yaml');
      await askWirelab(['lab', 'mutual-tls', '--no-hold', '--folder', folder]);
      // A door without TLS, as if one had begun from nothing.
      const given = readFileSync(settings, 'utf8');
      writeFileSync(
        settings,
        given.replace('kind: tls', 'kind: plaintext').replace(/^ +certificate: front\n/m, ''),
      );
      const pane = await tmux.open(t, { columns, rows });
      await pane.type(`${launcher} lab mutual-tls --folder ${folder} --lang ${language}\r`);
      const straight = (text: string): void => {
        for (const line of text.split('\n')) t.true(cellWidth(line) <= columns, line);
      };
      straight(await pane.until((text) => say.awaiting.test(text) && /try\/alice/.test(text)));
      t.is(await logIn(doorOf(folder, 'alice')), 302);
      const read = await pane.until((text) => text.split('[tiger-lily]').length === 3);
      straight(read);
      t.regex(read, say.readable);
      writeFileSync(
        settings,
        given
          .replace('kind: tls', 'kind: mtls')
          .replace('certificate: front\n', 'certificate: front\n    clientAuthorities: [staff-ca]\n'),
      );
      const done = await pane.until((text) => say.checked.test(text) && say.done.test(text));
      straight(done);
      await knock(doorOf(folder, 'alice'));
      const refused = await pane.until((text) => say.refused.test(text) && say.nothing.test(text));
      straight(refused);
      writeFileSync(settings, given);
      await pane.until((text) => !say.done.test(text));
      await pane.type('h');
      straight(await pane.until(say.hint));
      await pane.type('qqq');
      await pane.until((text) => say.over.test(text) && /ready>$/m.test(text));
      // What passed on the wire is there for other programs.
      for (const name of ['A', 'B']) t.true(existsSync(join(folder, 'wires', `${name}.pcapng`)));
      const inspected = await askWirelab(['inspect', join(folder, 'wires', 'A.pcapng'), '--lang', 'en']);
      t.regex(inspected.stdout, /POST \/login/);
      t.regex(inspected.stdout, /password: tiger-lily/);
      const checked = await askWirelab(['lab', 'check', '--json', '--folder', folder]);
      t.is((JSON.parse(checked.stdout) as { tasks: { hints: number }[] }).tasks[0]?.hints, 1);
    },
  );
