/**
 * The folder that `new lab` makes: two tasks that a learner solves in one file, a solution, and two wrong attempts. It needs no other
 * program than wirelab.
 */
import { schemaLine, textsIn } from './template.ts';
import type { TemplateFiles, TemplateOptions } from './template.ts';

export function labFiles({ name, language, schemas }: TemplateOptions): TemplateFiles {
  const settings = (comment: string, front: string): string =>
    `${schemaLine(schemas, 'settings')}${comment}proxies:\n  front:\n${front}    target: shop\n    wires: { incoming: A, outgoing: B }\n`;
  return {
    'scenario.yaml': `${schemaLine(schemas, 'scenario')}${scenario}`,
    'tasks.yaml': `${schemaLine(schemas, 'tasks')}${tasks}`,
    'keyring.yaml': `${schemaLine(schemas, 'recipe')}${keyring}`,
    'start/settings.yaml': settings(startComment, '    kind: plaintext\n'),
    'solution/settings.yaml': settings(
      '# Solves every task. Nothing of this folder reaches a learner.\n',
      mutual('staff-ca'),
    ),
    'wrong/tls-only/settings.yaml': settings(
      '# Solves the first task only: nobody is asked for a certificate.\n',
      '    kind: tls\n    certificate: front\n',
    ),
    'wrong/any-ca/settings.yaml': settings(
      '# Asks for certificates, and accepts those of a CA that signs for anybody.\n',
      mutual('staff-ca, anybody-ca'),
    ),
    ...textsIn(language, { en: english(name), ko: korean(name) }),
  };
}

const mutual = (authorities: string): string =>
  `    kind: mtls\n    certificate: front\n    clientAuthorities: [${authorities}]\n`;

const scenario = `# Who comes, and what must become of it. The proxy itself is in the learner's settings.yaml (start/settings.yaml here).
certificates: keyring # keyring.yaml beside this file

# What must not leak. Each has at least six characters.
secrets:
  password: { value: tiger-lily }
  rrn: { value: 900101-1234567 } # made up: no such person
accounts:
  alice: { password: password, rrn: rrn }

servers:
  shop: { kind: login-server }

# All of them know alice's password: what differs is the certificate that they present.
clients:
  alice: { certificate: alice, trust: [ca] }
  nobody: { trust: [ca] }
  mallory: { certificate: mallory, trust: [ca] }

wires:
  A: { seat: { en: café, ko: 카페 } }
  B: { seat: { en: server room, ko: 서버실 } }

# A check carries out the steps of a task (tasks.yaml) with the learner's files: the task is done when all of them come out so.
steps:
  - id: alice
    login: { client: alice, to: front, tls: ['1.3', '1.2'] }
    expect:
      - admitted: { as: alice }
      - sealed: { secrets: [password, rrn], wires: [A] }

  - id: nobody
    login: { client: nobody, to: front, tls: ['1.3', '1.2'] }
    expect:
      - refused: { by: server, reason: certificate_missing, alert: { '1.3': certificate_required, '1.2': handshake_failure } }

  - id: mallory
    login: { client: mallory, to: front, tls: ['1.3', '1.2'] }
    expect:
      - refused: { by: server, reason: unknown_ca, alert: unknown_ca }
`;

const tasks = `settings: [proxies] # the part of the scenario that is in the learner's settings.yaml

# Files that the learner's folder begins with, out of keyring.yaml; others are in start/.
gives:
  front.crt: front.crt
  front.key: front.key
  ca.crt: ca.crt
  staff-ca.crt: staff-ca.crt
  anybody-ca.crt: anybody-ca.crt
  alice.crt: alice.crt
  alice.key: alice.key
# Names that mean files of the learner's: NAME.crt, NAME.key.
yours:
  front: {}
  staff-ca: {}
  anybody-ca: {}
# Clients reach front over wire A: what must be sealed there cannot be sealed elsewhere.
entrances: { front: A }

# Each id has a section in en.md.
tasks:
  - id: seal-the-wire
    steps: [alice]
  - id: ask-who-comes
    steps: [nobody, mallory]
    still: [alice]
`;

const keyring = `# The certificates, made anew for each learner's folder. A row stands below the row that signs it.
certificates:
  ca:
    profile: root
    subject: { CN: Shop Server CA }
  staff-ca:
    profile: root
    subject: { CN: Staff CA }
  anybody-ca:
    profile: root
    subject: { CN: Certificates For Anybody }

  front:
    profile: server
    issuer: ca
    subject: { CN: shop.localhost }
    san: ['DNS:shop.localhost', 'DNS:front.localhost', 'DNS:localhost', 'IP:127.0.0.1']
  alice:
    profile: client
    issuer: staff-ca
    subject: { CN: alice }
  mallory:
    profile: client
    issuer: anybody-ca
    subject: { CN: mallory }
`;

const startComment = `# The proxy in front of the shop. Everything in this file is yours to change.
#
# kind: plaintext  nothing is sealed
#       tls        it presents a certificate: certificate: NAME
#       mtls       it presents one, and requires one: clientAuthorities: [NAME, ...] are the CAs that it trusts for clients
#
# A name such as front means the files front.crt and front.key in this folder.
`;

const english = (name: string): string => `# ${name}: seal a wire, and know who comes

The shop speaks plaintext, and its customers come from a café. What you may change is the proxy in front of it: settings.yaml in this folder. Wire A leads from the café to the proxy, wire B from there to the shop.

## seal-the-wire: Seal wire A

Alice's password must no longer be readable in the café, with TLS 1.3 as with TLS 1.2. front.crt and front.key are in this folder.

### hint

In clear is what kind: plaintext means. Which other kind is there, and what does it need?

### hint

kind: tls in the place of kind: plaintext, and below it certificate: front, with the same indentation.

### done

The café sees noise. What is left to see there: the name shop.localhost in the ClientHello, and how much travels.

## ask-who-comes: Admit nobody but the staff

Only clients with a certificate of the Staff CA may come in: alice has one. Mallory has a certificate too, of a CA that signs for anybody.

### hint

A server that asks for certificates is kind: mtls. Whose certificates it accepts, it must be told.

### hint

kind: mtls, and clientAuthorities: [staff-ca].

### done

Whoever cannot prove with a private key that the Staff CA has certified them is refused in the handshake: their password never reaches the shop.

## end

TLS proves the server to the client; mutual TLS proves the client as well. Both are as good as the CAs that somebody has chosen to trust.
`;

const korean = (name: string): string => `# ${name}: 구간을 암호화하고, 누가 오는지 확인하기

쇼핑몰은 평문으로 통신하고, 고객은 카페에서 접속합니다. 바꿀 수 있는 것은 그 앞의 프록시입니다. 이 폴더의 settings.yaml에 있습니다. 구간 A는 카페에서 프록시까지, 구간 B는 프록시에서 쇼핑몰까지입니다.

## seal-the-wire: 구간 A를 암호화하기

TLS 1.3에서도 1.2에서도, 카페에서 앨리스의 비밀번호를 읽을 수 없어야 합니다. front.crt와 front.key가 이 폴더에 있습니다.

### hint

kind: plaintext는 평문이라는 뜻입니다. 다른 kind에는 무엇이 있고, 무엇이 필요할까요?

### hint

kind: plaintext를 kind: tls로 바꾸고, 그 아래에 같은 들여쓰기로 certificate: front를 적습니다.

### done

카페에서는 이제 내용을 알아볼 수 없습니다. ClientHello에 담긴 이름 shop.localhost와 오간 양은 여전히 보입니다.

## ask-who-comes: 직원만 들여보내기

Staff CA가 발급한 인증서를 가진 클라이언트만 들어올 수 있어야 합니다. 앨리스에게는 있습니다. 맬러리에게도 인증서가 있지만, 누구에게나 발급해 주는 CA의 것입니다.

### hint

인증서를 요구하는 서버의 kind는 mtls입니다. 누가 발급한 인증서를 받아들일지도 정해 주어야 합니다.

### hint

kind: mtls, 그리고 clientAuthorities: [staff-ca].

### done

Staff CA가 발급한 인증서의 개인 키를 가졌다고 증명하지 못하면 핸드셰이크에서 거부됩니다. 그 비밀번호는 쇼핑몰에 닿지 않습니다.

## end

TLS는 클라이언트에게 서버가 누구인지 증명하고, 상호 TLS는 서버에게 클라이언트가 누구인지도 증명합니다. 어느 쪽이든 누군가 신뢰하기로 고른 CA만큼만 믿을 수 있습니다.
`;
