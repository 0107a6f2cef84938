/** `wirelab lab verify` by the real command: what is proven, what is not, and what cannot be tried. */
import test from 'ava';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cellWidth } from '../../../src/i18n/width.ts';
import { outputValidator } from '../../helpers/output-schema.ts';
import { withPeer } from '../../helpers/peer.ts';
import { stateHome } from '../../helpers/state-home.ts';
import { askWirelab } from '../../helpers/wirelab.ts';
import { made, placeOf } from './support.ts';
import { atExit } from '../../helpers/at-exit.ts';

/** Temporary files of this test process alone. */
const scratch = mkdtempSync(join(tmpdir(), 'wirelab verify-'));
process.env['TMPDIR'] = scratch;
atExit(() => rmSync(scratch, { recursive: true, force: true }));

/** What attempts leave behind: their folders and their state. */
const leftovers = (): string[] => [
  ...readdirSync(scratch).filter((name) => name.startsWith('wirelab-verify-')),
  ...(existsSync(join(stateHome, 'wirelab', 'labs')) ? readdirSync(join(stateHome, 'wirelab', 'labs')) : []),
];

test.serial(
  'a new lab is proven as it is, in both languages and as JSON, and nothing is left of the attempts',
  async (t) => {
    const lab = await made(t, 'lab');
    const before = leftovers();
    for (const lang of ['en', 'ko']) {
      const { exitCode, stdout, stderr } = await askWirelab(['lab', 'verify', lab, '--lang', lang]);
      t.is(exitCode, 0, `${stdout}${stderr}`);
      t.is(stdout.match(/✓/g)?.length, 4);
      t.regex(
        stdout,
        lang === 'ko' ? /증명됨/ : /Proven: the lab can be solved, and 2 wrong attempts are not/,
      );
      for (const line of stdout.split('\n')) t.true(cellWidth(line) <= 80 || !line.includes(' '), line);
    }
    const { stdout } = await askWirelab(['lab', 'verify', lab, '--json']);
    const validate = outputValidator();
    t.true(validate(JSON.parse(stdout)), JSON.stringify(validate.errors));
    t.like(JSON.parse(stdout), { kind: 'lab-proof', lab: 'mine', proven: true });
    const { attempts } = JSON.parse(stdout) as {
      readonly attempts: readonly {
        readonly attempt: string;
        readonly tasks: readonly { readonly status: string }[];
      }[];
    };
    t.deepEqual(
      attempts.map(({ attempt, tasks }) => `${attempt} ${tasks.map(({ status }) => status).join(' ')}`),
      ['start open open', 'solution done done', 'wrong done open', 'wrong done open'],
    );
    t.deepEqual(leftovers(), before);
  },
);

test.serial(
  'a wrong attempt that solves the lab, and a solution that does not, are each named: exit 1',
  async (t) => {
    const lab = await made(t, 'lab');
    const [solution, wrong] = [join(lab, 'solution'), join(lab, 'wrong', 'tls-only')];
    const { exitCode, stdout } = await askWirelab([
      'lab',
      'verify',
      lab,
      '--solution',
      wrong,
      '--wrong',
      solution,
    ]);
    t.is(exitCode, 1);
    t.true(
      stdout.replaceAll(/\s+/g, '').includes(`✗${wrong.replaceAll(/\s+/g, '')}:doesnotsolvethelab`),
      stdout,
    );
    t.true(
      stdout.replaceAll(/\s+/g, '').includes(`✗${solution.replaceAll(/\s+/g, '')}:istakenforasolution`),
      stdout,
    );
    t.regex(stdout, /ask-who-comes: a peer was admitted that should be refused/);
    t.regex(stdout, /Not proven/);
  },
);

test.serial('a lab whose first task is done before anything was done is not proven', async (t) => {
  const lab = await made(t, 'lab');
  copyFileSync(join(lab, 'wrong', 'tls-only', 'settings.yaml'), join(lab, 'start', 'settings.yaml'));
  const { exitCode, stdout } = await askWirelab(['lab', 'verify', lab]);
  t.is(exitCode, 1);
  t.regex(
    stdout,
    /✗ the folder as it begins: a task is done before anything was done\n +seal-the-wire: done/,
  );
});

test.serial(
  'a wrong attempt that could not be read proves nothing: its file and line are named, exit 1',
  async (t) => {
    const lab = await made(t, 'lab');
    const good = readFileSync(join(lab, 'wrong', 'tls-only', 'settings.yaml'), 'utf8');
    for (const [name, text] of [
      ['typing-error', good.replace(/^( *)kind: tls/m, '$1kind tls')],
      ['unknown-field', good.replace(/^( *)kind: tls/m, '$1kind: tls\n$1knid: tls')],
    ] as const) {
      t.not(text, good);
      mkdirSync(join(lab, 'wrong', name));
      writeFileSync(join(lab, 'wrong', name, 'settings.yaml'), text);
    }
    const { exitCode, stdout } = await askWirelab(['lab', 'verify', lab]);
    t.is(exitCode, 1);
    t.is(stdout.match(/✗/g)?.length, 2, stdout);
    t.regex(
      stdout,
      /typing-error:\s+proves\s+nothing[^]*settings\.yaml:\d+:\d+[^]*unknown-field:\s+proves\s+nothing/,
    );
    t.regex(stdout, /Not proven/);
    const { stdout: json } = await askWirelab(['lab', 'verify', lab, '--json']);
    const { attempts } = JSON.parse(json) as {
      readonly attempts: readonly {
        readonly provesNothing?: true;
        readonly tasks: readonly { readonly where?: string }[];
      }[];
    };
    const nothing = attempts.filter(({ provesNothing }) => provesNothing);
    t.is(nothing.length, 2);
    t.regex(nothing[0]?.tasks[0]?.where ?? '', /^settings\.yaml:\d+:\d+/);
  },
);

test.serial('without a wrong attempt it says that nothing is proven about those', async (t) => {
  const lab = await made(t, 'lab');
  rmSync(join(lab, 'wrong'), { recursive: true });
  const { exitCode, stdout } = await askWirelab(['lab', 'verify', lab]);
  t.is(exitCode, 0);
  t.regex(stdout, /No wrong attempt was made/);
});

test.serial('what cannot be tried is a mistake, before anything is: exit 2', async (t) => {
  const lab = await made(t, 'lab');
  const broken = join(lab, 'broken');
  mkdirSync(broken);
  writeFileSync(join(broken, 'solve.sh'), 'echo never >/dev/null\necho what is missing >&2\nfalse\n');
  for (const [words, says] of [
    [[], /missing the path of a lab/],
    [[lab, 'more'], /too many arguments/],
    [['./nothing'], /no such folder/],
    [['nothing'], /unknown lab/],
    [['mutual-tls'], /missing --solution/],
    [[lab, '--solution', 'nothing'], /where: nothing\n/],
    [[lab, '--wrong', 'nothing'], /where: nothing\n/],
    [[lab, '--solution', join(lab, 'en.md')], /no such folder/],
    [[lab, '--solution', broken], /its commands failed[^]*solve\.sh[^]*1: what is missing/],
  ] as const) {
    const { exitCode, stderr } = await askWirelab(['lab', 'verify', ...words], { cwd: placeOf(t) });
    t.is(exitCode, 2, words.join(' '));
    t.regex(stderr, says);
  }
});

test.serial('an attempt cannot bring its own record: files of wirelab’s own are not copied', async (t) => {
  const lab = await made(t, 'lab');
  const forged = join(lab, 'wrong', 'forged');
  mkdirSync(join(forged, '.wirelab'), { recursive: true });
  writeFileSync(join(forged, '.wirelab', 'id'), `${'0'.repeat(32)}\n`);
  writeFileSync(
    join(forged, '.wirelab', 'lab.json'),
    JSON.stringify({ madeBy: 'wirelab', lab: 'mine', done: ['seal-the-wire', 'ask-who-comes'] }),
  );
  const { exitCode, stdout } = await askWirelab(['lab', 'verify', lab]);
  t.is(exitCode, 0, stdout);
  t.is(stdout.match(/✓/g)?.length, 5);
});

withPeer(
  ['openssl'],
  'the commands of an attempt run in the learner’s folder, with the certificates made for it',
  async (t) => {
    const place = placeOf(t);
    const attempts = {
      right: `openssl req -newkey rsa:2048 -nodes -keyout front.key -out front.csr -subj /CN=shop.localhost
echo subjectAltName=DNS:shop.localhost > front.ext
openssl x509 -req -in front.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 30 -extfile front.ext -out front.crt\n`,
      'self-signed':
        'openssl req -x509 -newkey rsa:2048 -nodes -keyout front.key -out front.crt -days 30 -subj /CN=shop.localhost\n',
    };
    for (const [name, commands] of Object.entries(attempts)) {
      mkdirSync(join(place, name));
      writeFileSync(join(place, name, 'solve.sh'), commands);
      writeFileSync(
        join(place, name, 'settings.yaml'),
        'proxies:\n  front:\n    kind: tls\n    certificate: front\n    target: shop\n    wires: { incoming: A, outgoing: B }\n',
      );
    }
    const words = ['lab', 'verify', 'tls-in-front', '--solution', 'right', '--wrong', 'self-signed'];
    const { exitCode, stdout, stderr } = await askWirelab(words, { cwd: place });
    t.is(exitCode, 0, `${stdout}${stderr}`);
    t.regex(
      stdout,
      /✓ self-signed: is not taken for a solution\n +seal-the-wire: done\n +prove-the-name: a peer was refused/,
    );
  },
);

withPeer(
  ['curl'],
  'the commands of an attempt reach the running lab, by the commands that it prints',
  async (t) => {
    const place = placeOf(t);
    for (const name of ['right', 'idle']) mkdirSync(join(place, name));
    writeFileSync(join(place, 'idle', 'solve.sh'), 'true\n');
    writeFileSync(
      join(place, 'right', 'solve.sh'),
      `form=$(grep -a -o 'username=alice[[:graph:]]*' monday.pcapng | head -n 1)
url=$(grep -o 'https://[a-z.]*:[0-9]*' try/alice | head -n 1)
port=\${url##*:}
curl -s -o /dev/null --cacert bank-ca.crt --resolve "bank.localhost:$port:127.0.0.1" --data "$form" "https://bank.localhost:$port/login"
`,
    );
    const words = ['lab', 'verify', 'find-the-password', '--json', '--solution', 'right', '--wrong', 'idle'];
    const { stdout, stderr } = await askWirelab(words, { cwd: place });
    t.is(stderr, '');
    const { attempts } = JSON.parse(stdout) as {
      readonly attempts: readonly {
        readonly tasks: readonly { readonly status: string; readonly reason?: string }[];
      }[];
    };
    t.deepEqual(
      attempts.map(({ tasks: [first] }) => first?.reason ?? first?.status),
      ['no_login', 'done', 'no_login'],
    );
  },
);
