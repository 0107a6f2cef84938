/** The folder that `new scenario` makes: one login, first in clear and then under TLS, with claims that hold at once. */
import { schemaLine, textsIn } from './template.ts';
import type { TemplateFiles, TemplateOptions } from './template.ts';

export function scenarioFiles({ name, language, schemas }: TemplateOptions): TemplateFiles {
  return {
    'scenario.yaml': `${schemaLine(schemas, 'scenario')}${scenario}`,
    'keyring.yaml': `${schemaLine(schemas, 'recipe')}${keyring}`,
    ...textsIn(language, { en: english(name), ko: korean(name) }),
  };
}

const scenario = `# What happens, and what must come of it. The words that are shown stand in en.md.
certificates: keyring # keyring.yaml beside this file

# What must not leak. Each has at least six characters and is searched for in everything that is captured.
secrets:
  password: { value: tiger-lily }
  rrn: { value: 900101-1234567 } # made up: no such person
accounts:
  alice: { password: password, rrn: rrn }

servers:
  shop: { kind: login-server }

# A proxy has two wires: clients come over the first, the server is behind the second.
proxies:
  front:
    kind: tls
    target: shop
    wires: { incoming: A, outgoing: B }
    certificate: front

clients:
  customer: { account: alice, trust: [ca] }

wires:
  '0': { seat: { en: café, ko: 카페 } }
  A: { seat: { en: café, ko: 카페 } }
  B: { seat: { en: data centre, ko: 데이터 센터 } }

# Each step does one thing; expect: says what must be so, and is judged by the captured bytes.
steps:
  - id: in-clear
    login: { client: customer, to: shop, wire: '0' }
    expect:
      - admitted: { as: alice }
      - visible: { secrets: [password, rrn], wires: ['0'] }

  - id: under-tls
    login: { client: customer, to: front }
    show: { view: wires, wires: [A, B] }
    expect:
      - admitted: { as: alice }
      - sealed: { secrets: [password, rrn], wires: [A] }
      - visible: { secrets: [password, rrn], wires: [B] }
`;

const keyring = `# The certificates, made when they are first needed. A row stands below the row that signs it.
certificates:
  ca:
    profile: root
    subject: { CN: Example CA }
  front:
    profile: server
    issuer: ca
    subject: { CN: shop.localhost }
    san: ['DNS:shop.localhost', 'DNS:front.localhost']
`;

const english = (name: string): string => `# ${name}: one login, twice

Alice logs in at a shop from a café. First in clear, then under TLS. Somebody else on the café's network records both.

<!-- A comment is not shown. Below, each step of scenario.yaml has a section of its own; ./wirelab run reports one that is missing. -->

## in-clear: Without TLS

The login travels over wire 0 as it was typed.

### question

What does the recording show?

### choices

- [ ] Noise.
- [x] The password, letter by letter.

### headline: leaked

The password is readable in the café

### after

Nothing had to be cracked: the form's fields stand in the body of the request.

### notes

Let the audience find the password in the bytes before you point at it.

## under-tls: With TLS

The same login, to a proxy in front of the shop. It ends TLS: wire A is in the café, wire B in the data centre.

### headline: sealed

The café sees noise; behind the proxy it is plaintext again

### after

TLS protects a wire, not a message: it ends where the proxy is.

## takeaway

Ask of each wire who can stand beside it, and where its TLS ends.

## what-this-does-not-prove

Everything ran on one machine, between programs that wirelab brings along.
`;

const korean = (name: string): string => `# ${name}: 같은 로그인을 두 번

앨리스가 카페에서 쇼핑몰에 로그인합니다. 처음에는 평문으로, 다음에는 TLS로 합니다. 같은 카페 네트워크에 있는 누군가가 둘 다 기록합니다.

<!-- 주석은 화면에 나오지 않습니다. scenario.yaml의 단계마다 아래에 같은 id의 부분이 하나씩 있어야 하고, 빠진 것은 ./wirelab run이 알려 줍니다. -->

## in-clear: TLS 없이

로그인 정보가 입력한 그대로 구간 0을 지나갑니다.

### question

기록에는 무엇이 보일까요?

### choices

- [ ] 알아볼 수 없는 바이트.
- [x] 비밀번호가 한 글자씩 그대로.

### headline: leaked

카페에서 비밀번호를 그대로 읽을 수 있습니다

### after

암호를 풀 필요도 없었습니다. 입력한 값이 요청 본문에 그대로 있습니다.

### notes

먼저 청중이 바이트에서 비밀번호를 찾아보게 한 다음에 짚어 주세요.

## under-tls: TLS로

같은 로그인을 쇼핑몰 앞의 프록시로 보냅니다. TLS는 프록시에서 끝납니다. 구간 A는 카페에, 구간 B는 데이터 센터에 있습니다.

### headline: sealed

카페에서는 알아볼 수 없고, 프록시 뒤에서는 다시 평문입니다

### after

TLS가 보호하는 것은 메시지가 아니라 구간입니다. 프록시에서 보호가 끝납니다.

## takeaway

구간마다 누가 곁에 있을 수 있는지, TLS가 어디에서 끝나는지 물어보세요.

## what-this-does-not-prove

모두 컴퓨터 한 대에서, wirelab에 들어 있는 프로그램 사이에서 일어난 일입니다.
`;
