/**
 * Help says first what stands on the screen: no mark is without an explanation on any screen of the demonstrations, every term
 * is found where it stands and nowhere else, and the keys are one `?` further.
 */
import test from 'ava';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { alertDescriptions } from '../../../../src/capture/vocabulary.ts';
import { findPlaces } from '../../../../src/cli/places.ts';
import { languages } from '../../../../src/i18n/language.ts';
import type { Language } from '../../../../src/i18n/language.ts';
import { legendOf, terms } from '../../../../src/presentation/legend/legend.ts';
import type { Piece } from '../../../../src/presentation/legend/term.ts';
import { proxyKindNames } from '../../../../src/proxy/kinds.ts';
import type { Frame, Line, Role } from '../../../../src/ui/tui/frame.ts';
import { isAtLength } from '../../../helpers/at-length.ts';
import { Cluster } from '../support/cluster.ts';
import type { Driver } from '../support/driver.ts';
import { byHand, demonstrations, recorded } from '../support/scenes.ts';
import { unexplained } from '../support/unexplained.ts';

/** Whether in ASCII: there each mark has another form, for which it is the same term. */
const marksDrawn = isAtLength ? [false, true] : [false];

const small = { columns: 80, rows: 24 };
const middle = { columns: 120, rows: 40 };

const textOf = (line: readonly Piece[]): string => line.map(({ text }) => text).join('');
const plain = (text: string): Piece[] => [{ text, role: 'plain' }];
const idsOf = (lines: readonly (readonly Piece[])[]): string[] => legendOf(lines).map(({ id }) => id);
const idsIn = (text: string): string[] => idsOf([plain(text)]);

interface Seen {
  readonly name: string;
  readonly frame: Frame;
}

const drawn = new Map<string, readonly Seen[]>();

/** Drawn once for all the tests. */
function screens(language: Language, ascii: boolean): readonly Seen[] {
  const key = `${language} ${ascii}`;
  const known = drawn.get(key) ?? [...drawScreens(language, ascii)];
  drawn.set(key, known);
  return known;
}

/** The screens of each stop of each demonstration: as they open, by every view, the wire's panes, both sheets, notes. */
function* drawScreens(language: Language, ascii: boolean): Generator<Seen> {
  for (const demonstration of demonstrations) {
    const { driver } = recorded(demonstration, { language, ascii });
    for (let stop = -1; driver.look.place.stop !== stop; driver.press('space')) {
      stop = driver.look.place.stop;
      const seen = (name: string, size = small): Seen => ({
        name: `${demonstration} ${stop} ${name} ${language}${ascii ? ' ASCII' : ''}`,
        frame: driver.frame(size),
      });
      yield seen('opens');
      yield seen('opens, larger', middle);
      const body = driver.look.body;
      for (let count = 0; count < 6; count++) {
        driver.press('v');
        if (driver.look.body === body) break;
        yield seen(`as ${driver.look.body}`);
        for (const key of ['k', 'down']) {
          driver.press(key);
          yield seen(`as ${driver.look.body}, after ${key}`);
        }
        driver.press('k');
      }
      for (const key of ['s', 't', 'e', 'x']) {
        driver.press(key);
        yield seen(`after ${key}`);
        driver.press(key);
      }
      while (driver.look.place.body !== undefined || driver.model.sheet !== 'none' || driver.model.large)
        driver.press('escape');
    }
  }
}

/** Which terms may stand for a mark. */
const marks: Readonly<Record<string, readonly string[]>> = {
  '!': ['mark.readable', 'mark.outsider', 'mark.holds-secret', 'mark.remark', 'mark.side'],
  '#': ['mark.sealed', 'mark.side'],
  x: ['mark.refused', 'mark.missed'],
  '*': ['mark.reconstructed'],
  '✓': ['mark.met'],
  '+': ['mark.met'],
  '✗': ['mark.missed', 'mark.refused', 'cluster.refused'],
};

/** Roles of bytes from the wire, of keys in a text, and of frames around them: a mark in these marks nothing. */
const notMarks = new Set(['noise', 'secret', 'bar', 'key', 'dim', 'field', 'cursor']);

/** The marks that stand alone at the start of a line or of a column. */
function marksIn(line: Line): string[] {
  const text = line
    .map((piece) => (notMarks.has(piece.role) ? ' '.repeat(piece.text.length) : piece.text))
    .join('');
  return [
    ...[...text.matchAll(/(?:^ {1,3}| {2,}|[│|] )([!#x*✓✗])(?= [^\s])/g)].map((match) => match[1] ?? ''),
    ...(/TCP .{1,12} \*/.test(textOf(line)) ? ['*'] : []),
  ];
}

for (const language of languages) {
  test(`${language}: no mark on the screens of the demonstrations is without an explanation`, (t) => {
    const counted = new Map<string, number>();
    for (const ascii of marksDrawn) {
      for (const { name, frame } of screens(language, ascii)) {
        const known = idsOf(frame.lines);
        for (const line of frame.lines.slice(1, -1)) {
          for (const mark of marksIn(line)) {
            counted.set(mark, (counted.get(mark) ?? 0) + 1);
            const here = idsOf([line]);
            const names = marks[mark] ?? [];
            const text = `${name}: ${mark} in ${textOf(line)}`;
            t.true(
              names.some((id) => here.includes(id)),
              text,
            );
            t.true(
              names.some((id) => known.includes(id)),
              text,
            );
          }
        }
      }
    }
    for (const mark of ['!', '#', 'x', '*', '✓']) t.true((counted.get(mark) ?? 0) > 5, `${mark} was met`);
  });
}

for (const language of languages)
  test(`${language}: no mark and no abbreviation on the screens of the demonstrations is without an entry`, (t) => {
    for (const { name, frame } of screens(language, false)) t.deepEqual(unexplained(frame), [], name);
  });

test('the check finds a mark and an abbreviation that no term explains, and takes names and bytes for none', (t) => {
  const [columns, rows] = [80, 3];
  const missing = (text: string, role: Role = 'plain'): string[] =>
    unexplained({ columns, rows, lines: [[], [{ text, role }], []], regions: [] }).map(
      (one) => one.split(' in ')[0] ?? '',
    );
  t.deepEqual(missing(' ● 무엇인가 있습니다'), ['●']);
  t.deepEqual(missing(' 이 구간은 QWERTY와 TLS를 씁니다'), ['QWERTY']);
  t.deepEqual(missing(' E × 3'), ['×']);
  t.deepEqual(missing(' ✗는 다름'), []);
  t.deepEqual(missing(' QWERTY● 암호문', 'noise'), []);
  t.deepEqual(missing(' 0010  d6 7c 1e 84 4f 56 b7 4e  QWERTY 값'), []);
});

/** Terms of which a demonstration that is not recorded speaks: a line of its text, or of the program that it shows. */
const elsewhere: Readonly<Record<string, readonly string[]>> = {
  'login.guessable': ['! GUESSABLE alice: 3930f306', '! 추측 가능 alice: 3930f306'],
  'login.sasl': ['BindRequest, SASL PLAIN', 'BindRequest, SASL PLAIN'],
  'login.scram': ['AuthenticationSASL, SCRAM-SHA-256', 'AuthenticationSASL, SCRAM-SHA-256'],
  'login.ntlm': ['BindRequest, NTLM', 'BindRequest, NTLM'],
  'login.kerberos': ['Kerberos (GSSAPI)', 'Kerberos(GSSAPI)'],
  'login.bind': ['BindRequest, simple', 'BindRequest, 단순'],
  'login.starttls': ['SSLRequest', 'SSLRequest'],
  'login.qos': ['PUBLISH shop, QoS 1', 'PUBLISH shop, QoS 1'],
  'login.connack': ['CONNACK, accepted', 'CONNACK, 수락'],
  'login.sql': ['password in an SQL statement', 'SQL 문의 비밀번호'],
  'login.not-recognised': ['data, not recognised: 07 07', '데이터, 인식하지 못함: 07 07'],
  'mark.unproven': [
    ' ? wire A: no secret found in 85 bytes, and none was seen at the server',
    ' ? 구간 A: 찾지 못함',
  ],
  'mark.missed': [' ✗ NOT TRUE: the server did not refuse', ' x 성립하지 않음: 거부하지 않았습니다'],
  'cluster.spoke': [' kube-scheduler ─[D]─mTLS──•─>│', ' kube-scheduler -[D]-mTLS--*->|'],
  'cluster.refused': ['│═[G]═TLS═══✗═> kubelet<', '|=[G]=TLS===x=> kubelet<'],
  'mark.chain': [' └─ ✓ CN=shop: sent as number 1', ' └─ ✗ CN=shop: 여기서 끊김'],
  'mark.predicted': ['expired    ✓ refuses', 'expired    ✓ 거부'],
  'x509.key-usage': ['✗ requested, not issued: keyUsage keyCertSign', '✗ 제외됨: keyUsage keyCertSign'],
  'toy.protocol': [' alice ──toy──[A café]──> toy-shop', ' alice ──toy──[A 카페]──> toy-shop'],
  'toy.ciphertext': ['CIPHERTEXT cd993c36daa8 924e7070', 'CIPHERTEXT cd993c36daa8 924e7070'],
  'toy.padlock': ['PADLOCK MIIBIjANBg', 'PADLOCK MIIBIjANBg'],
  'toy.unpadded': ['LOCKED alice rsa-unpadded P3G3nP', 'LOCKED alice rsa-unpadded P3G3nP'],
  'toy.oaep': ['LOCKED alice rsa-oaep-sha256 P3G3nP', 'LOCKED alice rsa-oaep-sha256 P3G3nP'],
  'toy.gcm': ['KEY aes-128-gcm dbc68452', 'KEY aes-128-gcm dbc68452'],
  'toy.answer': ['answers WELCOME', '응답 WELCOME'],
  'cluster.half': [' ═[G]═mTLS?●═> kubelet', ' ═[G]═mTLS?●═> kubelet'],
  'cluster.role': ['the ClusterRole edit', '클러스터롤(ClusterRole) edit'],
  'cluster.requested-duration': ['NAME  AGE  REQUESTEDDURATION', 'NAME  AGE  REQUESTEDDURATION'],
  'cluster.columns': ['NAME   STATUS   AGE', 'NAME   STATUS   AGE'],
  'http2.preface': [' 2 → HTTP/2 preface   24 B', ' 2 → HTTP/2 시작   24 B'],
  'http2.stream': ['DATA  36 B  stream 1, end of stream', 'DATA  36 B  스트림 1, 스트림 끝'],
  'http2.settings': [' 3 → SETTINGS   9 B', ' 3 → SETTINGS   9 B'],
  'http2.window_update': [' 4 → WINDOW_UPDATE  13 B', ' 4 → WINDOW_UPDATE  13 B'],
  'http2.rst_stream': [' 5 → RST_STREAM  13 B', ' 5 → RST_STREAM  13 B'],
  'http2.goaway': [' 6 → GOAWAY  17 B', ' 6 → GOAWAY  17 B'],
  'http2.ping': [' 7 → PING  17 B', ' 7 → PING ACK  17 B'],
  'http2.push_promise': [' 8 ← PUSH_PROMISE GET /a', ' 8 ← PUSH_PROMISE GET /a'],
  'http2.continuation': [' 9 → CONTINUATION  99 B', ' 9 → CONTINUATION  99 B'],
  'http2.trailers': ['10 ← trailers  33 B', '10 ← 트레일러  33 B'],
  'net.l4': ['an L4 load balancer', 'L4 로드 밸런서'],
  'list.number': [' * #udp 3 10:00:00 ', ' * #0 10:00:00 '],
  'list.here': ['>* #0 10:00:00 ', ' * #0 10:00:00 '],
  'list.readable': ['   #0 10:00:00 x  ! readable completed', '   #0 10:00:00 x  ! 노출 정상 완료'],
  'list.plaintext': ['   #0 10:00:00 x  readable completed', '   #0 10:00:00 x  평문 정상 완료'],
  'list.waited': ['   #0 10:00:00 x  completed 95.0 ms', '   #0 10:00:00 x  정상 완료 465 µs'],
  'list.failed': ['   #0 10:00:00 x  ✗ unknown CA', '   #0 10:00:00 x  ✗ 알 수 없는 CA'],
  'list.completed': ['   #0 10:00:00 x  ✓ readable', '   #0 10:00:00 x  + readable'],
  'list.duration': ['       duration   client ', '       지속 시간  클라이언트 '],
  'list.order': ['── connections, by duration, longest first ──', '── 연결, 이름순 ──'],
  'list.bytes': ['→ / ← bytes latency', '→/← 바이트 지연'],
  'list.latency': ['→ / ← bytes latency', '→/← 바이트 지연'],
  // In protocols of lines, as scripted peers speak them.
  'lines.esmtp': ['2 ← 220 mail.localhost ESMTP', '2 ← 220 mail.localhost ESMTP'],
  'lines.mail-from': ['7 → MAIL FROM:<alice@mail.localhost>', '7 → MAIL FROM:<alice@mail.localhost>'],
  'lines.rcpt-to': ['9 → RCPT TO:<landlord@mail.localhost>', '9 → RCPT TO:<landlord@mail.localhost>'],
  'lines.data': ['11 → DATA             6 B', '11 → DATA             6 B'],
  'lines.ok': ['answers OK', '응답 OK'],
  // In captures.
  'net.udp': ['UDP', 'UDP'],
  'net.quic': ['QUIC datagram', 'QUIC 데이터그램'],
  'net.dtls': ['DTLS record', 'DTLS 레코드'],
  'net.rtt': ['Handshake + 1-RTT', 'Handshake + 1-RTT'],
  'net.eap': ['EAP Request PEAP, start', 'EAP Request PEAP, 시작'],
  'cluster.times': ['order at 1.5 s: (B → E) ×2', '순서(1.5초): (B → E) x2'],
  'net.kb': ['12 conn, 79 kB', '연결 12개, 79 kB'],
  'stage.not-true': ['NOT TRUE: the server did not refuse', '성립하지 않음: 서버가'],
  'stage.not-observed': ['NOT OBSERVED: no byte was seen', '관찰되지 않음: 바이트를'],
  'stage.not-shown': ['NOT SHOWN: The café records noise', '확인되지 않음: 카페에는'],
};

/** Every screen that a test can have, and every text that one of them may show. */
function everywhere(language: Language): (readonly Piece[])[] {
  const lines: (readonly Piece[])[] = [];
  for (const ascii of marksDrawn)
    for (const { frame } of screens(language, ascii)) lines.push(...frame.lines.slice(0, -1));
  const cluster = new Cluster({ language });
  lines.push(...cluster.driver.frame(small).lines);
  cluster.run(cluster.settle());
  lines.push(...cluster.driver.frame(small).lines);
  const masked = recorded('plaintext', { language }).driver.press('space', 'space', 'm');
  lines.push(...masked.frame().lines);
  const scenarios = join(findPlaces({}).root, 'scenarios');
  for (const name of readdirSync(scenarios, { withFileTypes: true }).filter((entry) => entry.isDirectory()))
    for (const text of readFileSync(join(scenarios, name.name, `${language}.md`), 'utf8').split('\n'))
      lines.push(plain(text));
  return lines;
}

for (const language of languages) {
  test(`${language}: every term stands on a screen, or in a text that one shows`, (t) => {
    const missing: string[] = [];
    const found = new Set(
      everywhere(language)
        .flatMap((line) => idsOf([line]))
        .map((id) => id.split(' ')[0] ?? ''),
    );
    const index = languages.indexOf(language);
    for (const { id } of terms) {
      const text = elsewhere[id]?.[index];
      if (!found.has(id) && !(text !== undefined && idsIn(text).includes(id))) missing.push(id);
    }
    t.deepEqual(missing, []);
  });
}

for (const [text, id] of [
  ['Whoever records the café’s wire reads it', 'tls.record'],
  ['which records it', 'tls.record'],
  ['version: TLS 1.2 (0x0303)', 'mark.offset'],
  ['wine=CN', 'x509.cn'],
  ['X.509 CNAME=1', 'x509.cn'],
  ['the cafeteria is in CAlifornia', 'x509.ca'],
  ['a handshake_failure', 'tls.handshake'],
  ['carrn=1', 'stage.rrn'],
  ['Great! Now # is a letter and x * y', 'mark.readable'],
  ['Great! Now # is a letter and x * y', 'mark.sealed'],
  ['Great! Now # is a letter and x * y', 'mark.refused'],
  ['Great! Now # is a letter and x * y', 'mark.reconstructed'],
  ['she kept it', 'stage.kept'],
  ['the client sent it', 'stage.sent'],
  ['1302 Found', 'http.302 '],
  ['a claim (I am shop.localhost)', 'stage.claims'],
  ['informal, reform', 'http.form'],
  ['https://shop: tls is on', 'stage.proxy'],
  ['                x25519', 'cluster.times'],
] as const)
  test(`${id.trim()} does not stand in “${text}”`, (t) => t.false(idsIn(text).includes(id)));

test('what stands in ciphertext is no term, but the ciphertext is one', (t) => {
  const noise: Piece[] = [{ text: ' ! READABLE # SEALED CN=x ··CA 0x00d6 ', role: 'noise' }];
  t.deepEqual(idsOf([noise]), ['mark.noise']);
});

test('every term has both languages, an id of its own, and a pattern that says where it stands', (t) => {
  t.deepEqual(
    terms.map(({ id }) => id),
    [...new Set(terms.map(({ id }) => id))],
  );
  for (const { id, found, meaning, name } of terms) {
    t.true(found.hasIndices && !found.global, id);
    const meanings =
      typeof meaning === 'function'
        ? [...Object.values(alertDescriptions), ...proxyKindNames.map((kind) => `front: ${kind}`)].flatMap(
            (word) => meaning(word) ?? [],
          )
        : [meaning];
    t.true(meanings.length > 0, id);
    for (const { en, ko } of meanings) {
      t.true(en.length > 5 && ko !== en && /[가-힣]/.test(ko), `${id}: ${en} ${ko}`);
      t.true(!/[가-힣]/.test(en) && ko === ko.normalize('NFC'), id);
    }
    t.true(name === undefined || (name.en.length > 0 && name.ko.length > 0), id);
  }
});

test('each alert and each kind of proxy is explained by itself', (t) => {
  for (const name of Object.values(alertDescriptions))
    t.true(idsIn(`alert  ${name} (1), fatal`).includes(`tls.alert-name ${name}`), name);
  for (const kind of proxyKindNames)
    t.true(
      idsIn(` ──http──[A]──> front: ${kind} ──http──[B]──> shop`).includes(`stage.proxy front: ${kind}`),
    );
  t.false(idsIn('front: nothing ──http──[B]──> shop').some((id) => id.startsWith('stage.proxy ')));
});

const firstOf = (driver: Driver): string => driver.screen().split('\n')[1] ?? '';

test('? shows the terms of the screen in their order, ? again the keys, and again the screen', (t) => {
  const { driver } = recorded('plaintext');
  driver.press('space', 'space');
  const before = driver.screen();
  driver.press('?');
  t.regex(firstOf(driver), /^── what stands on this screen ─+ \?: the keys ──$/);
  const text = driver.screen();
  const places = ['0x00d6', 'rrn', '[0 café]', '! READABLE', 'POST', '[ ]'].map((name) =>
    text.indexOf(`\n ${name} `),
  );
  t.true(places.every((place) => place > 0));
  t.deepEqual(
    places,
    places.toSorted((one, other) => one - other),
  );
  t.regex(text.split('\n').at(-1) ?? '', /\? keys/);
  driver.press('?');
  t.regex(firstOf(driver), /^── keys ─+ \?: back to the screen ──$/);
  t.regex(driver.screen(), /next step/);
  driver.press('?');
  t.is(driver.screen(), before);
});

test('help has a place of its own: scrolling it moves neither its terms nor the screen beneath', (t) => {
  const { driver } = recorded('mtls');
  driver.press(...Array.from({ length: 6 }, () => 'space'), 'v');
  const before = driver.screen();
  driver.press('?');
  const seen = new Set<string>();
  for (let last = ''; last !== driver.screen(); driver.press('down')) {
    last = driver.screen();
    for (const line of last.split('\n').slice(2, -1)) seen.add(line);
  }
  for (const name of ['x REFUSED', 'CN=', 'key id', 'certificate_required', '(116)', 'fatal', '--hold'])
    t.true(
      [...seen].some((line) => line.startsWith(` ${name} `)),
      name,
    );
  driver.press('?', 'end', '?');
  t.is(driver.screen(), before);
});

test('the field under the cursor comes first where its bytes have the focus, and only there', (t) => {
  const { driver } = recorded('plaintext');
  driver.press('space', 'space', 'tab', 'right', '?');
  t.deepEqual(driver.screen().split('\n').slice(2, 5), [
    ' field value',
    ' http.request.form.value',
    ' value: tiger-lily',
  ]);
  t.true(
    driver
      .screen()
      .split('\n')
      .slice(2, 23)
      .some((line) => line.startsWith(' ! READABLE ')),
  );
  driver.press('m');
  t.notRegex(driver.screen(), /tiger-lily/);
  driver.press('m', 'escape', 'tab', 'tab', '?');
  t.notRegex(driver.screen(), /http\.request\.form/);
});

test('the terms are said in the language that is chosen, in ASCII, and on a projector', (t) => {
  const { driver } = recorded('tls', { language: 'ko' });
  driver.press('space', 'space', '?');
  t.regex(driver.screen(), /이 화면에 있는 것[^]*\n # 암호화됨 +\S/);
  driver.press('L', 'P');
  t.regex(driver.screen(), /what stands on this screen[^]*\n \S/);
  const ascii = recorded('tls', { ascii: true }).driver.press('space', 'space', '?', 'end');
  t.regex(ascii.screen(), /^[\x20-\x7e\n]*$/);
  t.regex(ascii.screen(), /\n \.\.k\.J +encrypted bytes/);
  for (const size of [{ columns: 40, rows: 12 }, small, middle])
    for (const language of languages) t.notThrows(() => driver.frame(size, language));
});

test('where nothing stands that needs words, ? shows the keys', (t) => {
  const { driver } = byHand([]);
  driver.send({ type: 'state', mode: driver.model.mode, state: 'failed', error: ['the port is in use'] });
  driver.press('?');
  t.regex(driver.screen(), /── keys ─/);
  driver.press('?');
  t.false(driver.model.help);
});
