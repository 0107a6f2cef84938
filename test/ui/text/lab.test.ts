/** A lab in lines: what a check found, in both languages, whatever a learner's files or the wire say. */
import test from 'ava';
import { languages, verbatim } from '../../../src/i18n/language.ts';
import { UserError } from '../../../src/i18n/user-error.ts';
import { cellWidth } from '../../../src/i18n/width.ts';
import { notUp } from '../../../src/labs/checks/checking.ts';
import type { TaskResult } from '../../../src/labs/checks/checking.ts';
import { loadLab } from '../../../src/labs/load.ts';
import { scriptsFor } from '../../../src/presentation/scripts.ts';
import { LabReport, labCheckJson } from '../../../src/ui/text/lab.ts';
import { compiledLabs, Learner } from '../../labs/support/learner.ts';

const lab = loadLab('mutual-tls', compiledLabs);

function printed(language: 'en' | 'ko', print: (report: LabReport) => void, ascii = false): string {
  const lines: string[] = [];
  print(new LabReport(lab, { language, ascii, columns: 80, write: (line) => lines.push(line) }));
  for (const line of lines) if (!/^ {4}(?:curl|printf)/.test(line)) throwIfWide(line);
  return lines.join('\n');
}

function throwIfWide(line: string): void {
  if (cellWidth(line) > 80) throw new Error(`wider than the page: ${line}`);
}

test('an open task says why, with the card of a refusal', async (t) => {
  const learner = await Learner.begin(t, 'mutual-tls');
  learner.edit('settings.yaml', 'kind: tls\n', 'kind: mtls\n');
  learner.edit(
    'settings.yaml',
    'certificate: front\n',
    'certificate: front\n    clientAuthorities: [anybody-ca]\n',
  );
  const results = await learner.check();
  const english = printed('en', (report) => report.check(results, new Set()));
  t.regex(
    english,
    /^ ✗ 1\. Ask for a certificate \(ask-for-certificates\)\n {6}a peer was refused that should be admitted:\n {8}alice-1\.3: alice was not admitted/m,
  );
  t.regex(english, /^ {8}REFUSED by front: the client alice \(unknown CA\)\n {8}who/m);
  t.regex(english, /^ {8}expected +a certificate issued by CN=Certificates For Anybody/m);
  t.regex(english, /0 of 2 tasks done\.\n {2}Stuck\? wirelab lab hint ask-for-certificates$/m);
  t.notRegex(english, /^ +remedy /m, 'what to do about it is the task');
  t.notRegex(english, /--hold/, 'how to see it again is the scenario’s');
  const korean = printed('ko', (report) => report.check(results, new Set()));
  t.regex(korean, /허용되어야 할 쪽이 거부되었습니다:/);
  t.regex(
    korean,
    /과제 2개 가운데 0개를 마쳤습니다\.\n {2}막혔다면: wirelab lab hint ask-for-certificates$/m,
  );
  t.like(labCheckJson(lab, results), { lab: 'mutual-tls', done: 0, of: 2 });
});

test('a task that was done stays done while nothing can be asked about it; that the lab is not running is said once', (t) => {
  const what = { en: 'front cannot report who has logged in', ko: 'front에 물어볼 수 없습니다' };
  const results = lab.tasks.tasks.map(({ id }) =>
    notUp(id, undefined, { lab, folder: '/tmp/mine' } as never, what),
  );
  const [first = '', second = ''] = results.map(({ id }) => id);
  const none = printed('en', (report) => report.check(results, new Set()));
  t.is(none.match(/not running/gi)?.length, 1, none);
  t.regex(none, / ✗ 1\. [^]*this cannot be checked now:\n/);
  const english = printed('en', (report) => report.check(results, new Set([first])));
  t.regex(english, / ✓ 1\. .*\n +done before; it cannot be checked now\n[^]* ✗ 2\. /);
  t.regex(english, new RegExp(`lab hint ${second}`));
  const korean = printed('ko', (report) => report.check(results, new Set([first, second])));
  t.is(korean.match(/ ✓ \d\. .*\n +전에 마쳤습니다/g)?.length, 2);
  t.notRegex(korean, /lab hint/);
});

test('what a task shows is printed when it is first done, and the conclusion at the end', (t) => {
  const results: TaskResult[] = lab.tasks.tasks.map(({ id }) => ({
    id,
    status: 'done',
    says: verbatim('it is so'),
    findings: [],
  }));
  const first = printed('en', (report) => report.check(results, new Set()));
  t.regex(first, /CertificateRequest/);
  t.regex(first, /Both tasks are done\.\n {2}Mutual TLS is a question/);
  const again = printed('en', (report) => report.check(results, new Set(results.map(({ id }) => id))));
  t.notRegex(again, /CertificateRequest/);
});

test('what a task shows is printed by the running lab that finds it done: a check will not print it again', (t) => {
  const [first] = lab.tasks.tasks;
  const result: TaskResult = {
    id: first?.id ?? '',
    status: 'done',
    says: verbatim('it is so'),
    findings: [],
  };
  const text = printed('en', (report) =>
    report.print({
      kind: 'checked',
      objects: [],
      files: ['settings.yaml'],
      results: [result],
      found: [result],
      milliseconds: 90,
    }),
  );
  t.regex(text, /✓ 1\. Ask for a certificate[^]*it is so\n\n {6}The door now sends a CertificateRequest/);
});

test('hostile text is harmless, in every language and under ASCII', (t) => {
  const hostile = '\u001b[31mred\u001b]0;title\u0007\r\n\u202eevil';
  const result: TaskResult = {
    id: 'ask-for-certificates',
    status: 'open',
    reason: 'unreadable_file',
    says: verbatim(hostile),
    findings: [],
    mistake: {
      what: verbatim(hostile),
      where: hostile,
      received: hostile,
      expected: verbatim(hostile),
      remedy: verbatim(hostile),
      others: [{ what: verbatim(hostile) }],
    },
  };
  const { mistake: _, ...said } = result;
  for (const language of languages) {
    for (const ascii of [false, true]) {
      const text = printed(
        language,
        (report) => {
          report.check([result, said], new Set());
          report.print({
            kind: 'login',
            login: { at: 'now', server: 'bank', user: hostile, accepted: false },
          });
          report.print({ kind: 'taken', server: 'fake', user: hostile, password: hostile });
          report.print({
            kind: 'open',
            tasks: ['a'],
            ways: [{ hop: 'A', to: hostile, client: hostile, curl: 'curl' }],
          });
        },
        ascii,
      );
      // eslint-disable-next-line no-control-regex
      t.notRegex(text, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    }
  }
});

test('unchanged commands are reported in one line', (t) => {
  const ways = [{ hop: 'A', to: 'front', client: 'alice', curl: 'curl --one' }];
  const text = printed('en', (report) => {
    report.print({ kind: 'open', tasks: ['a'], ways });
    report.print({ kind: 'changed', files: ['settings.yaml'] });
    report.print({ kind: 'open', tasks: ['a'], ways });
    report.print({
      kind: 'open',
      tasks: ['a'],
      ways: [{ ...ways[0], hop: 'A', to: 'front', client: 'alice', curl: 'curl --two' }],
    });
  });
  t.is(text.match(/curl --one/g)?.length, 1);
  t.regex(text, /Restarted; the commands are the same \(a\)\./);
  t.regex(text, /curl --two/);
});

test('of what is opened together the heading, and what a browser needs, are printed once, at its ends', (t) => {
  const opened = (to: string, more: object) =>
    ({
      kind: 'open',
      tasks: [to],
      ways: [{ hop: 'A', to, client: 'carol', curl: `curl --cacert ca.crt https://${to}` }],
      ...more,
    }) as const;
  const typed = new Map(['a', 'b'].map((to) => [`A carol ${to} curl`, `sh try/carol-${to}`]));
  const text = printed('en', (report) => {
    report.print(opened('a', { goesOn: true }), { path: '/lab/try', typed });
    report.print(opened('b', { follows: true }), { path: '/lab/try', typed });
  });
  t.regex(
    text,
    /in another terminal:\n\n {4}sh try\/carol-a .*\n\n {4}sh try\/carol-b .*\n\n {2}Each runs .*carol-a[^]*\n\n {2}With a browser/,
  );
  for (const once of [/in another terminal/g, /Each runs/g, /With a browser/g])
    t.is(text.match(once)?.length, 1, String(once));
});

test('one error that keeps two tasks open is printed once', (t) => {
  const mistake = { what: verbatim('no such file'), where: 'front.crt' };
  const results: TaskResult[] = lab.tasks.tasks.map(({ id }) => ({
    id,
    status: 'open',
    reason: 'missing_file',
    says: mistake.what,
    findings: [],
    mistake,
  }));
  t.is(printed('en', (report) => report.check(results, new Set(), true)).match(/no such file/g)?.length, 1);
  t.regex(
    printed('en', (report) => report.check(results, new Set(), true)),
    /^ ✗ 2\..*\n {6}for the same reason as task 1$/m,
  );
  t.regex(
    printed('ko', (report) => report.check(results, new Set(), true)),
    /1번 과제와 같은 이유입니다/,
  );
  const [first, ...others] = results;
  t.true(first !== undefined);
  const another = others.map((result) => ({ ...result, mistake: { ...mistake, where: 'ca.crt' } }));
  t.is(
    printed('en', (report) => report.check(first ? [first, ...another] : [], new Set(), true)).match(
      /no such file/g,
    )?.length,
    2,
  );
});

test('a remedy is printed once, though it applies to several tasks', (t) => {
  const results = lab.tasks.tasks.map(
    ({ id }): TaskResult => ({
      id,
      status: 'open',
      reason: 'too_much',
      says: verbatim(id),
      findings: [],
      remedy: { en: 'begin here', ko: '여기부터' },
    }),
  );
  t.is(printed('en', (report) => report.check(results, new Set())).match(/begin here/g)?.length, 1);
  t.is(printed('ko', (report) => report.check(results, new Set())).match(/여기부터/g)?.length, 1);
});

test('requests to a cluster are printed as the server saw them, without discovery requests', (t) => {
  const lines = printed('en', (report) => {
    const ask = (asked: object): void =>
      report.print({
        kind: 'asked',
        asked: { conn: 1, method: 'GET', path: '/api/v1/pods', status: 200, ...asked },
      });
    ask({ user: 'alice' });
    ask({ user: 'alice', path: '/apis/certificates.k8s.io/v1' });
    ask({ user: 'alice', path: '/openapi/v2', status: 406, message: 'json only' });
    ask({
      user: 'alice',
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews',
      status: 201,
    });
    ask({
      user: 'alice',
      impersonator: 'admin',
      method: 'POST',
      path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      status: 201,
    });
    ask({ user: 'bob\u001b[2J', status: 403, message: 'forbidden' });
    ask({
      path: '/api',
      status: 401,
      unauthorized: { reason: 'unknown_ca', words: { en: 'signed by nobody', ko: '서명 없음' } },
    });
    report.print({ kind: 'signed', request: 'alice' });
    report.print({ kind: 'signed', request: 'bob', failed: 'wrong usage' });
    report.print({
      kind: 'cluster',
      url: 'https://127.0.0.1:1',
      kubeconfig: 'admin.conf',
      curl: 'admin.curl',
      isNew: false,
      moved: true,
    });
  });
  t.deepEqual(lines.split('\n').slice(0, 8), [
    '  alice GET /api/v1/pods 200',
    '  alice POST /apis/authorization.k8s.io/v1/selfsubjectrulesreviews 201',
    '  admin --as alice POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    '  201',
    '  bob·[2J GET /api/v1/pods 403: forbidden',
    '  - GET /api 401: signed by nobody',
    '  The controller manager has signed the request alice.',
    '  The controller manager did not sign the request bob: wrong usage',
  ]);
  t.regex(lines, /uses its previous port/);
});

test('a denied login is printed with the reason and the remedy', (t) => {
  const says = printed('en', (report) => {
    report.print({
      kind: 'login',
      login: { at: 'now', server: 'bank', user: 'alice', accepted: false, slip: 'of_another' },
    });
    report.print({ kind: 'login', login: { at: 'now', server: 'bank', user: 'alice', accepted: false } });
    report.check(
      [
        {
          id: 'ask-for-certificates',
          status: 'open',
          reason: 'no_login',
          says: verbatim('nobody came'),
          remedy: verbatim('start the lab'),
          findings: [],
        },
      ],
      new Set(),
    );
  });
  t.regex(
    says,
    /bank turned alice away: that is the password of another user\.\n {2}bank turned alice away\.\n/,
  );
  t.regex(says, /nobody came\n {8}start the lab/);
});

test('the commands of a lab are printed once, whole where there are no scripts, with their line breaks', (t) => {
  const ways = [{ hop: 'A', to: 'shop', client: 'alice', curl: `curl --data 'a\nb' https://shop` }];
  const event = { kind: 'open', tasks: ['one'], ways } as const;
  const typed = new Map(scriptsFor(ways, { language: 'en' }).map(({ key, name }) => [key, `sh try/${name}`]));
  for (const language of languages) {
    const short = printed(language, (report) => {
      report.print(event, { path: '/lab/try', typed });
      report.print(event, { path: '/lab/try', typed });
    });
    t.regex(short, /^ {4}sh try\/alice {3}\S.*alice.*\n\n {2}.*cat try\/alice/m);
    t.is(short.match(/sh try\/alice/g)?.length, 1);
    const whole = printed(language, (report) => report.print(event));
    t.regex(whole, /^ {4}curl --data 'a\n {4}b' https:\/\/shop$/m);
  }
});

test('what a browser needs is made by a command with the path that works there', (t) => {
  const ways = [{ hop: 'A', to: 'shop', client: 'alice', curl: 'curl --cacert ca.crt https://shop' }];
  for (const language of languages) {
    const said = printed(language, (report) => report.print({ kind: 'open', tasks: ['one'], ways }));
    t.regex(said.replaceAll(/\s+/g, ' '), /: wirelab certs p12 CERT --key KEY/);
  }
});

const openResult = (id: string, more: Partial<TaskResult> = {}): TaskResult => ({
  id,
  status: 'open',
  reason: 'not_met',
  says: verbatim('not so'),
  findings: [],
  ...more,
});

test('a save that changes nothing about the current task is one line', (t) => {
  const [first] = lab.tasks.tasks;
  const event = {
    kind: 'checked',
    objects: [],
    files: ['settings.yaml'],
    results: [],
    found: [openResult(first?.id ?? '')],
    milliseconds: 90,
  } as const;
  const same = { ...event, same: first?.id ?? '' };
  t.is(
    printed('en', (report) => report.print(same)),
    '  Checked: task 1 is open for the same reason as before.',
  );
  t.is(
    printed('ko', (report) => report.print(same)),
    '  확인했습니다. 1번 과제는 앞과 같은 이유로 아직 끝나지 않았습니다.',
  );
  t.is(
    printed('en', (report) => report.print(event)),
    '',
  );
});

test('the terminal of the running lab says when all tasks are done', (t) => {
  const results = lab.tasks.tasks.map(
    ({ id }): TaskResult => ({ id, status: 'done', says: verbatim('it is so'), findings: [] }),
  );
  const event = {
    kind: 'checked',
    objects: [],
    files: ['settings.yaml'],
    results: results.slice(1),
    found: results,
    milliseconds: 90,
  } as const;
  const text = printed('en', (report) => report.print({ ...event, isComplete: true }));
  t.regex(text, /Both tasks are done\.\n {2}Mutual TLS is a question[^]*wirelab lab next/);
  t.regex(
    printed('ko', (report) => report.print({ ...event, isComplete: true })),
    /과제 2개를 모두 마쳤습니다\./,
  );
  t.notRegex(
    printed('en', (report) => report.print(event)),
    /tasks are done/,
  );
});

test('what keeps tasks from being opened is said once, whatever is saved and however many tasks it keeps', (t) => {
  const mistake = new UserError({ what: verbatim('there is no alice.crt'), where: 'alice.crt' });
  const text = printed('en', (report) => {
    for (const file of ['root.crt', 'alice.crt', 'root.crt']) {
      report.print({ kind: 'changed', files: [file] });
      for (const tasks of [['one'], ['two']]) report.print({ kind: 'shut', tasks, mistake });
    }
    report.print({ kind: 'open', tasks: ['one'], ways: [] });
    report.print({ kind: 'open', tasks: ['two'], ways: [] });
    report.print({ kind: 'shut', tasks: ['two'], mistake });
  });
  t.deepEqual(text.match(/Not open yet \(\w+\)/g), ['Not open yet (one)', 'Not open yet (two)']);
});

test('tasks that only the running lab can tell about are not counted as open while it is stopped', (t) => {
  const [one = '', two = ''] = lab.tasks.tasks.map(({ id }) => id);
  const results = [openResult(one, { reason: 'not_up' }), openResult(two, { reason: 'not_up' })];
  const text = (before: readonly string[], language: 'en' | 'ko' = 'en'): string =>
    printed(language, (report) => report.check(results, new Set(before))).replaceAll(/\s+/g, ' ');
  t.regex(text([]), /0 of 2 done; cannot be checked now: 2\. Stuck/);
  t.regex(text([one]), /checked now: 2 \(done before: 1\)\./);
  t.regex(text([one], 'ko'), /2개는 지금 확인할 수 없습니다\(전에 마친 것 1개\)\./);
});

test('a save tells why somebody was refused in words, without the card', async (t) => {
  const learner = await Learner.begin(t, 'mutual-tls');
  learner.edit('settings.yaml', 'kind: tls\n', 'kind: mtls\n');
  learner.edit(
    'settings.yaml',
    'certificate: front\n',
    'certificate: front\n    clientAuthorities: [anybody-ca]\n',
  );
  const found = await learner.check();
  const results = found.slice(0, 1);
  const text = printed('en', (report) =>
    report.print({
      kind: 'checked',
      objects: [],
      files: ['settings.yaml'],
      results,
      found,
      milliseconds: 90,
    }),
  );
  t.regex(text.replaceAll(/\s+/g, ' '), /trust|issued|CA that/);
  t.notRegex(text, /REFUSED by/);
});
