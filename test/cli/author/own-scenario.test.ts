/** Scenarios of an author's that differ from the guide's: what goes wrong in them is shown, and two of them share nothing. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { askWirelab, certificatesFolder } from '../../helpers/wirelab.ts';
import { made, placeOf } from './support.ts';

/** A protocol of lines with STARTTLS, and somebody on the way who takes the offer of TLS out. */
const desk = `servers:
  shop:
    kind: scripted-server
    protocol: desk
    certificate: front
    script:
      - send: HELLO, TLS OFFERED
      - choose:
          - expect: /^TLS$/
            lines:
              - send: GO AHEAD
              - starttls: true
              - expect: '/^LOGIN {user} {password}$/'
          - expect: '/^LOGIN {user} {password}$/'
      - login: admitted
      - send: WELCOME
proxies:
  thief:
    kind: passthrough
    target: shop
    wires: { incoming: A, outgoing: B }
    script:
      - from: server
        expect: /TLS OFFERED/
        lines:
          - send: HELLO
clients:
  customer:
    account: alice
    trust: [ca]
    script:
      - choose:
          - expect: /TLS OFFERED/
            lines:
              - send: TLS
              - expect: /^GO AHEAD$/
              - starttls: true
          - expect: /^HELLO$/
      - send: LOGIN {user} {password}
      - expect: /^WELCOME$/
      - login: admitted
steps:
  - id: in-clear
    script: { client: customer, to: thief }
    expect:
      - admitted: { as: alice }
      - visible: { secrets: [password], wires: [A, B] }
  - id: under-tls
    script: { client: customer, to: shop, wire: C }
    expect:
      - admitted: { as: alice }
      - sealed: { secrets: [password], wires: [C] }
`;

/** @returns the folder. */
async function ofLines(t: ExecutionContext): Promise<string> {
  const folder = await made(t, 'scenario');
  change(join(folder, 'scenario.yaml'), /^servers:[^]*/m, desk);
  return folder;
}

function change(path: string, from: string | RegExp, to: string): void {
  const before = readFileSync(path, 'utf8');
  const after = before.replace(from, to);
  if (after === before) throw new Error(`${String(from)} is not in ${path}`);
  writeFileSync(path, after);
}

test('a client that refuses a certificate behind STARTTLS is shown as text, with its card', async (t) => {
  const folder = await ofLines(t);
  const scenario = join(folder, 'scenario.yaml');
  change(scenario, /\bshop\b/g, 'mail');
  const { exitCode, stdout, stderr } = await askWirelab(['run', folder, '--no-tui']);
  t.is(exitCode, 1, stderr);
  t.regex(stdout, /FAILED/);
  t.regex(stdout, /mail\.localhost/);
  t.regex(stdout, /shop\.localhost/, 'the names of the certificate');
});

test('a refusal behind STARTTLS can be what a step expects', async (t) => {
  const folder = await ofLines(t);
  writeFileSync(
    join(folder, 'keyring.yaml'),
    '  other-ca:\n    profile: root\n    subject: { CN: Another CA }\n',
    { flag: 'a' },
  );
  const scenario = join(folder, 'scenario.yaml');
  change(scenario, 'trust: [ca]', 'trust: [other-ca]');
  change(
    scenario,
    /( +- id: under-tls\n.*\n +expect:\n)[^]*/,
    '$1      - refused: { by: client, reason: unknown_ca, alert: none }\n      - loginSent: false\n',
  );
  const { exitCode, stdout, stderr } = await askWirelab(['run', folder, '--no-tui']);
  t.is(exitCode, 0, `${stdout}${stderr}`);
  t.regex(stdout, /5 of 5 claims proven/);
});

test('a script that stops at a line that it does not expect is said where it passes, as text and as JSON', async (t) => {
  const folder = await ofLines(t);
  const scenario = join(folder, 'scenario.yaml');
  change(scenario, '      - send: WELCOME\n', '      - send: WELCOME\n      - expect: /^LOGOFF$/\n');
  change(
    scenario,
    '      - login: admitted\nsteps',
    '      - login: admitted\n      - send: LOGOUT {password}\nsteps',
  );
  const text = await askWirelab(['run', folder, '--no-tui']);
  t.is(text.exitCode, 0, text.stdout);
  t.regex(
    text.stdout.replaceAll(/\s+/g, ' '),
    /the script of shop has stopped: servers\.shop\.script\[4\]\.expect expects \/\^LOGOFF\$\/, and it read “LOGOUT \{password\}”/,
  );
  const json = await askWirelab(['run', folder, '--json']);
  const [stopped] = json.stdout
    .split('\n')
    .filter((line) => line.includes('script-mismatch'))
    .map((line) => (JSON.parse(line) as { readonly result: object }).result);
  t.like(stopped, { at: 'servers.shop.script[4].expect', received: 'LOGOUT {password}' });
});

test('a client that leaves without a byte has declined, and has sent no login', async (t) => {
  const folder = await ofLines(t);
  const scenario = join(folder, 'scenario.yaml');
  change(
    scenario,
    /^clients:[^]*/m,
    `clients:
  customer:
    account: alice
    trust: [ca]
    script:
      - expect: /^HELLO/
      - login: declined
steps:
  - id: in-clear
    script: { client: customer, to: thief }
    expect:
      - declined: true
      - loginSent: false
  - id: under-tls
    script: { client: customer, to: shop, wire: C }
    expect:
      - declined: true
      - loginSent: false
`,
  );
  const { exitCode, stdout, stderr } = await askWirelab(['run', folder, '--no-tui']);
  t.is(exitCode, 0, `${stdout}${stderr}`);
  t.regex(stdout, /4 of 4 claims proven/);
  t.regex(stdout.replaceAll(/\s+/g, ' '), /shop had read none of its lines/);
});

test.serial('two folders have certificates of their own, though their recipes have one name', async (t) => {
  const places = (): readonly string[] =>
    existsSync(certificatesFolder)
      ? readdirSync(certificatesFolder).filter((name) => name.startsWith('keyring@mine-'))
      : [];
  const before = places();
  const folders = [await made(t, 'scenario'), await made(t, 'scenario')];
  for (const folder of folders) t.is((await askWirelab(['run', folder, '--no-tui'])).exitCode, 0);
  const added = places().filter((name) => !before.includes(name));
  t.is(added.length, 2, added.join(', '));
  // The same folder has the same place, by whatever path.
  const [folder = ''] = folders;
  t.is((await askWirelab(['run', '.', '--no-tui'], { cwd: folder })).exitCode, 0);
  t.is(places().filter((name) => !before.includes(name)).length, 2);
  // Moved, it is another.
  const elsewhere = join(placeOf(t), 'else where');
  mkdirSync(elsewhere);
  renameSync(folder, join(elsewhere, 'mine'));
  t.is((await askWirelab(['run', join(elsewhere, 'mine'), '--no-tui'])).exitCode, 0);
  t.is(places().filter((name) => !before.includes(name)).length, 3);
});
