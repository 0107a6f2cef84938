/** Explains the parts of a DNS message to beginners. Loaded for an explanation. */
import type { FieldText } from '../text.ts';

export const explainedDnsFields = [
  'dns',
  'dns.length',
  'dns.id',
  'dns.flags',
  'dns.question_count',
  'dns.answer_count',
  'dns.authority_count',
  'dns.additional_count',
  'dns.question',
  'dns.answer',
  'dns.authority',
  'dns.additional',
  'dns.name',
  'dns.name.length',
  'dns.name.label',
  'dns.name.pointer',
  'dns.type',
  'dns.class',
  'dns.ttl',
  'dns.data.length',
  'dns.data',
  'dns.data.address',
  'dns.data.text',
  'dns.data.priority',
  'dns.data.weight',
  'dns.data.port',
  'dns.opt.payload_size',
  'dns.opt.extended_rcode',
  'dns.opt.version',
  'dns.opt.flags',
  'dns.opt.options',
  'dns.unreadable',
] as const;
export type ExplainedDnsId = (typeof explainedDnsFields)[number];

export const dnsTexts: Readonly<Record<ExplainedDnsId, FieldText>> = {
  dns: {
    name: { en: 'DNS message', ko: 'DNS 메시지' },
    meaning: {
      en: 'A question to a resolver, or its answer. Both are in the clear and signed by nobody: whoever sits on the way reads which site is meant, and whoever answers first decides where it is.',
      ko: '리졸버(resolver)에 보내는 질의 또는 그 응답입니다. 둘 다 평문이고 누구의 서명도 없습니다. 중간에 있는 사람은 어느 사이트를 찾는지 읽을 수 있고, 먼저 응답하는 사람이 그 사이트가 어디 있는지 정합니다.',
    },
    source: 'RFC 1035 section 4.1',
  },
  'dns.length': {
    name: { en: 'length', ko: '길이' },
    meaning: {
      en: 'A stream has no datagrams: over TCP the length of each message stands before it.',
      ko: 'TCP에는 데이터그램의 경계가 없으므로 메시지마다 앞에 길이를 적습니다.',
    },
    source: 'RFC 1035 section 4.2.2',
  },
  'dns.id': {
    name: { en: 'identifier', ko: '식별자' },
    meaning: {
      en: 'A number that the asker makes up; the answer repeats it. Who forges an answer without seeing the question has to guess these 16 bits and the port. Who sees it copies them.',
      ko: '묻는 쪽이 임의로 고른 수이며 응답은 이 수를 그대로 돌려줍니다. 질의를 보지 못하고 응답을 위조하려면 이 16비트와 포트 번호를 맞혀야 합니다. 질의를 볼 수 있는 사람은 베끼면 됩니다.',
    },
    source: 'RFC 5452 section 4.3',
  },
  'dns.flags': {
    name: { en: 'flags', ko: '플래그' },
    meaning: {
      en: 'From the highest bit: whether it is an answer, what is asked for, whether the answer is from the source itself, whether it was cut off, whether the resolver is to ask others and whether it can, and in the last four bits how it went (0 well, 3 no such name, 5 refused).',
      ko: '높은 비트부터 응답 여부, 요청의 종류, 원본 서버의 응답인지, 잘렸는지, 리졸버가 대신 물어봐 달라는 요청과 그럴 수 있는지를 나타냅니다. 마지막 4비트는 결과입니다(0 성공, 3 없는 이름, 5 거부).',
    },
    source: 'RFC 1035 section 4.1.1',
  },
  'dns.question_count': {
    name: { en: 'number of questions', ko: '질의 수' },
    meaning: {
      en: 'Always one: nobody ever agreed on what an answer to two would look like.',
      ko: '늘 하나입니다. 질의 두 개에 어떻게 응답할지는 정해진 적이 없습니다.',
    },
    source: 'RFC 9619 section 4',
  },
  'dns.answer_count': {
    name: { en: 'number of answers', ko: '응답 레코드 수' },
    meaning: { en: 'How many records answer the question.', ko: '질의에 답하는 레코드의 수입니다.' },
    source: 'RFC 1035 section 4.1.1',
  },
  'dns.authority_count': {
    name: { en: 'number of authority records', ko: '권한 레코드 수' },
    meaning: {
      en: 'How many records say who is responsible for the name.',
      ko: '그 이름을 누가 관리하는지 알려 주는 레코드의 수입니다.',
    },
    source: 'RFC 1035 section 4.1.1',
  },
  'dns.additional_count': {
    name: { en: 'number of additional records', ko: '추가 레코드 수' },
    meaning: {
      en: 'How many records come along that were not asked for and spare a second question.',
      ko: '묻지 않았지만 한 번 더 물을 필요가 없도록 함께 보내는 레코드의 수입니다.',
    },
    source: 'RFC 1035 section 4.1.1',
  },
  'dns.question': {
    name: { en: 'question', ko: '질의' },
    meaning: {
      en: 'The name that is asked for, and which kind of record. The answer repeats it.',
      ko: '찾는 이름과 레코드의 종류입니다. 응답에도 그대로 들어갑니다.',
    },
    source: 'RFC 1035 section 4.1.2',
  },
  'dns.answer': {
    name: { en: 'answer', ko: '응답 레코드' },
    meaning: {
      en: 'What the resolver says. Nothing here proves it: a browser goes where this record points, and only the certificate that it meets there can tell whether it was led astray.',
      ko: '리졸버의 대답입니다. 이것이 사실이라는 증거는 어디에도 없습니다. 브라우저는 이 레코드가 가리키는 곳으로 가고, 속았는지는 그곳에서 받은 인증서로만 알 수 있습니다.',
    },
    source: 'RFC 1035 section 4.1.3',
  },
  'dns.authority': {
    name: { en: 'authority record', ko: '권한 레코드' },
    meaning: {
      en: 'Who is responsible for the name, or for its absence.',
      ko: '그 이름, 또는 그 이름이 없음을 누가 책임지는지 알려 줍니다.',
    },
    source: 'RFC 1035 section 4.1.3',
  },
  'dns.additional': {
    name: { en: 'additional record', ko: '추가 레코드' },
    meaning: {
      en: 'What was not asked for and will be needed next, such as the address of a host that the answer names; or OPT, by which either side says what it can.',
      ko: '묻지는 않았지만 곧 필요한 것입니다. 응답에 나온 호스트의 주소, 또는 각자 무엇을 지원하는지 알리는 OPT가 있습니다.',
    },
    source: 'RFC 1035 section 4.1.3',
  },
  'dns.name': {
    name: { en: 'name', ko: '이름' },
    meaning: {
      en: 'A name as a row of labels, each with its length before it.',
      ko: '라벨을 이어 놓은 이름입니다. 각 라벨 앞에 길이가 있습니다.',
    },
    source: 'RFC 1035 section 3.1',
  },
  'dns.name.length': {
    name: { en: 'length of a label', ko: '라벨 길이' },
    meaning: {
      en: 'How many letters the next label has; zero ends the name.',
      ko: '다음 라벨의 글자 수입니다. 0이면 이름이 끝납니다.',
    },
    source: 'RFC 1035 section 3.1',
  },
  'dns.name.label': {
    name: { en: 'label', ko: '라벨' },
    meaning: {
      en: 'One part of a name, between two full stops.',
      ko: '이름에서 점과 점 사이의 한 부분입니다.',
    },
    source: 'RFC 1035 section 3.1',
  },
  'dns.name.pointer': {
    name: { en: 'pointer', ko: '포인터' },
    meaning: {
      en: 'The name goes on as at an earlier place of the message: the two highest bits are set, the others say where. It saves bytes; a reader that does not insist on earlier places can be sent round in circles.',
      ko: '이름의 나머지가 메시지의 앞부분에 있다는 뜻입니다. 가장 높은 두 비트가 1이고 나머지가 위치입니다. 바이트를 아끼지만, 앞쪽만 가리키는지 확인하지 않는 프로그램은 끝없이 맴돌 수 있습니다.',
    },
    source: 'RFC 1035 section 4.1.4',
  },
  'dns.type': {
    name: { en: 'type', ko: '유형' },
    meaning: {
      en: 'Which kind of record: A (1) and AAAA (28) are addresses, CNAME (5) another name, TXT (16) text, SRV (33) a host and its port, OPT (41) no record at all.',
      ko: '레코드의 종류입니다. A(1)와 AAAA(28)는 주소, CNAME(5)은 다른 이름, TXT(16)는 텍스트, SRV(33)는 호스트와 포트입니다. OPT(41)는 실제 레코드가 아닙니다.',
    },
    source: 'RFC 1035 section 3.2.2',
  },
  'dns.class': {
    name: { en: 'class', ko: '클래스' },
    meaning: {
      en: 'IN (1), the Internet: the other classes are of historical interest.',
      ko: 'IN(1), 곧 인터넷입니다. 다른 클래스는 역사적인 것입니다.',
    },
    source: 'RFC 1035 section 3.2.4',
  },
  'dns.ttl': {
    name: { en: 'time to live', ko: '유효 시간(TTL)' },
    meaning: {
      en: 'For how many seconds the answer may be kept. A lie with a long life goes on working when the liar has left.',
      ko: '응답을 보관해도 되는 시간(초)입니다. 거짓 응답의 유효 시간이 길면 공격자가 떠난 뒤에도 계속 효과가 있습니다.',
    },
    source: 'RFC 1035 section 4.1.3',
  },
  'dns.data.length': {
    name: { en: 'length of the data', ko: '데이터 길이' },
    meaning: { en: 'How many bytes of data the record has.', ko: '레코드에 담긴 데이터의 바이트 수입니다.' },
    source: 'RFC 1035 section 4.1.3',
  },
  'dns.data': {
    name: { en: 'data', ko: '데이터' },
    meaning: { en: 'What the record says of its name.', ko: '이 이름에 대해 레코드가 알려 주는 내용입니다.' },
    source: 'RFC 1035 section 4.1.3',
  },
  'dns.data.address': {
    name: { en: 'address', ko: '주소' },
    meaning: {
      en: 'Where the name is: four bytes of an IPv4 address or sixteen of an IPv6 address. Whoever can change them chooses with whom the asker will speak.',
      ko: '이름이 있는 곳입니다. IPv4 주소는 4바이트, IPv6 주소는 16바이트입니다. 이 값을 바꿀 수 있는 사람이 상대를 고르게 됩니다.',
    },
    source: 'RFC 1035 section 3.4.1',
  },
  'dns.data.text': {
    name: { en: 'text', ko: '텍스트' },
    meaning: {
      en: 'Any text, such as proofs that somebody has a say in the name.',
      ko: '임의의 텍스트입니다. 그 이름을 관리한다는 증명 등에 씁니다.',
    },
    source: 'RFC 1035 section 3.3.14',
  },
  'dns.data.priority': {
    name: { en: 'priority', ko: '우선순위' },
    meaning: { en: 'Hosts with a smaller number are tried first.', ko: '숫자가 작은 호스트부터 시도합니다.' },
    source: 'RFC 2782 section Priority',
  },
  'dns.data.weight': {
    name: { en: 'weight', ko: '가중치' },
    meaning: {
      en: 'Among hosts of one priority: how often this one is chosen.',
      ko: '우선순위가 같은 호스트 가운데 이 호스트를 고르는 비율입니다.',
    },
    source: 'RFC 2782 section Weight',
  },
  'dns.data.port': {
    name: { en: 'port', ko: '포트' },
    meaning: {
      en: 'The port on which the service listens on the host that follows.',
      ko: '뒤에 나오는 호스트에서 서비스가 기다리는 포트입니다.',
    },
    source: 'RFC 2782 section Port',
  },
  'dns.opt.payload_size': {
    name: { en: 'largest datagram', ko: '최대 데이터그램 크기' },
    meaning: {
      en: 'How large an answer over UDP the sender takes. Without EDNS it is 512 bytes; what is larger is cut off, and asked for again over TCP.',
      ko: 'UDP로 받을 수 있는 응답의 최대 크기입니다. EDNS를 쓰지 않으면 512바이트이며, 더 크면 잘리고 TCP로 다시 묻습니다.',
    },
    source: 'RFC 6891 section 6.1.2',
  },
  'dns.opt.extended_rcode': {
    name: { en: 'upper bits of the result', ko: '결과 코드의 상위 비트' },
    meaning: {
      en: 'Eight more bits for how it went, above the four of the header.',
      ko: '헤더의 4비트에 더해지는 결과 코드의 상위 8비트입니다.',
    },
    source: 'RFC 6891 section 6.1.3',
  },
  'dns.opt.version': {
    name: { en: 'version of EDNS', ko: 'EDNS 버전' },
    meaning: { en: 'Zero: there is no other yet.', ko: '0입니다. 아직 다른 버전은 없습니다.' },
    source: 'RFC 6891 section 6.1.3',
  },
  'dns.opt.flags': {
    name: { en: 'EDNS flags', ko: 'EDNS 플래그' },
    meaning: {
      en: 'The highest bit asks for the signatures of DNSSEC, which hardly anybody checks on their own machine.',
      ko: '가장 높은 비트는 DNSSEC 서명을 요청합니다. 자기 컴퓨터에서 그 서명을 직접 확인하는 경우는 드뭅니다.',
    },
    source: 'RFC 3225 section 3',
  },
  'dns.opt.options': {
    name: { en: 'options', ko: '옵션' },
    meaning: {
      en: 'What either side adds, such as a cookie against forged answers.',
      ko: '양쪽이 덧붙이는 내용입니다. 위조 응답을 막는 쿠키 등이 있습니다.',
    },
    source: 'RFC 6891 section 6.1.2',
  },
  'dns.unreadable': {
    name: { en: 'unreadable', ko: '읽을 수 없음' },
    meaning: {
      en: 'From here on the message is not what it claims to be: a length points past its end, or a name runs in a circle.',
      ko: '여기부터는 메시지가 형식에 맞지 않습니다. 길이가 끝을 넘거나 이름의 포인터가 맴돕니다.',
    },
  },
};
