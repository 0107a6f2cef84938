/** Words the causes that only an experiment finds; all others have theirs in `analysis/outcome`. */
import type { Localized } from '../i18n/language.ts';
import type { FoundCause, Machine } from './diagnosis.ts';

interface FoundWords {
  readonly name: Localized;
  readonly because: Localized;
  readonly remedy: Localized;
  readonly on: Machine;
}

const words = (on: Machine, name: Localized, because: Localized, remedy: Localized): FoundWords => ({
  on,
  name,
  because,
  remedy,
});

export const foundWords: Readonly<Record<FoundCause, FoundWords>> = {
  host_not_found: words(
    'client',
    { en: 'unknown host name', ko: '찾을 수 없는 호스트 이름' },
    {
      en: 'the name leads to no address: no connection was attempted',
      ko: '이름에 해당하는 주소가 없어 연결을 시도하지도 못했습니다.',
    },
    {
      en: 'check the spelling, and what the resolver of this machine answers (getent ahosts NAME)',
      ko: '철자와 이 컴퓨터의 이름 해석 결과(getent ahosts 이름)를 확인하세요.',
    },
  ),
  one_address_fails: words(
    'server',
    { en: 'one of its addresses fails', ko: '일부 주소만 실패' },
    {
      en: 'the name has several addresses, and not all of them are served: a client that tries only the first may fail, and one that tries both in turn waits or does not notice (happy eyeballs)',
      ko: '이름에 주소가 여럿 있는데 그중 일부만 서비스됩니다. 첫 주소만 시도하는 클라이언트는 실패할 수 있고, 차례로 시도하는 클라이언트는 기다리거나 알아채지 못합니다(Happy Eyeballs).',
    },
    {
      en: 'let the server listen on every address that its name has, or take the address out of DNS',
      ko: '이름에 등록된 모든 주소에서 연결을 받게 하거나, 그 주소를 DNS에서 지우세요.',
    },
  ),
  ends_every_connection: words(
    'server',
    { en: 'every connection is ended', ko: '모든 연결을 끊음' },
    {
      en: 'the port takes connections and ends each of them without a word, whatever is said',
      ko: '포트가 연결을 받아들이지만 무엇을 보내든 말없이 끊습니다.',
    },
    {
      en: 'look at what listens on that port (ss -ltnp) and at its log; then at lists of allowed addresses (firewall, hosts.allow, load balancer)',
      ko: '그 포트에서 무엇이 연결을 받는지(ss -ltnp)와 로그를 확인하고, 허용 주소 목록(방화벽, hosts.allow, 로드 밸런서)을 살펴보세요.',
    },
  ),
  rejected_on_the_way: words(
    'between',
    { en: 'a firewall refuses the connection', ko: '방화벽이 연결을 거부' },
    {
      en: 'the connection was refused (RST), although a program listens on that port: a packet filter answers in its place',
      ko: '그 포트에서 연결을 받는 프로그램이 있는데도 연결이 거부(RST)되었습니다. 패킷 필터가 대신 거부한 것입니다.',
    },
    {
      en: 'look at the rules of the packet filter (nft list ruleset, iptables -S) for that port',
      ko: '그 포트에 대한 패킷 필터 규칙을 확인하세요(nft list ruleset, iptables -S).',
    },
  ),
  intermittent: words(
    'server',
    { en: 'it fails now and then', ko: '되다 안 되다 함' },
    {
      en: 'the same call, repeated without a change, does not fail each time: several servers behind one address are not alike, or one is overloaded',
      ko: '아무것도 바꾸지 않고 다시 호출하면 실패하지 않을 때가 있습니다. 한 주소 뒤의 여러 서버가 서로 다르거나, 과부하 상태의 서버가 있습니다.',
    },
    {
      en: 'call the servers behind the load balancer one by one (why ADDRESS:PORT --servername NAME), and compare',
      ko: '로드 밸런서 뒤의 서버를 하나씩 호출해 비교하세요(why 주소:포트 --servername 이름).',
    },
  ),
  large_hello_dropped: words(
    'between',
    { en: 'a large ClientHello gets no answer', ko: '큰 ClientHello에 답이 없음' },
    {
      en: 'a ClientHello with a post-quantum key share (X25519MLKEM768, over 1,500 bytes) gets no answer, and the same one without it does: something on the way, or the server, cannot take a hello of more than one packet',
      ko: '양자내성 키 공유(X25519MLKEM768)가 들어 1,500바이트를 넘는 ClientHello에는 답이 없고, 그것을 뺀 ClientHello에는 답합니다. 중간 장비나 서버가 패킷 하나를 넘는 ClientHello를 처리하지 못합니다.',
    },
    {
      en: 'update what stands before the server (firewall, load balancer, inspecting proxy) or the server itself; until then a client can leave that group out (curl --curves X25519, Go GODEBUG=tlsmlkem=0)',
      ko: '서버 앞의 장비(방화벽, 로드 밸런서, 검사 프록시)나 서버를 업데이트하세요. 그때까지는 클라이언트에서 이 그룹을 뺄 수 있습니다(curl --curves X25519, Go GODEBUG=tlsmlkem=0).',
    },
  ),
  segmented_hello_refused: words(
    'between',
    { en: 'a ClientHello in several segments is refused', ko: '나뉘어 온 ClientHello를 거부' },
    {
      en: 'the ClientHello is answered when it arrives in one segment, and not when the same bytes arrive in two: the reader at the other end, or on the way, does not put them together',
      ko: 'ClientHello가 한 세그먼트로 오면 답하지만, 같은 내용이 둘로 나뉘어 오면 답하지 않습니다. 상대나 중간 장비가 나뉜 조각을 이어 읽지 못합니다.',
    },
    {
      en: 'update what reads the hello: a load balancer that picks a backend by its name (SNI), a firewall, or the server',
      ko: 'ClientHello를 읽는 것(이름(SNI)으로 백엔드를 고르는 로드 밸런서, 방화벽, 서버)을 업데이트하세요.',
    },
  ),
  large_answers_lost: words(
    'between',
    { en: 'large answers do not arrive', ko: '큰 응답이 도착하지 않음' },
    {
      en: "the server answers, and small answers arrive, but not the larger one with its certificates: full-size packets from the server are lost on the way (an MTU black hole), or something on the way holds the server's answer back",
      ko: '서버는 답하고 작은 응답은 도착하지만, 인증서가 든 큰 응답은 오지 않습니다. 서버가 보낸 최대 크기 패킷이 중간에서 사라지거나(MTU 블랙홀) 중간 장비가 응답을 막고 있습니다.',
    },
    {
      en: 'let ICMP "fragmentation needed" through, or lower the MTU (or clamp the MSS) on the way; ping -M do -s 1472 finds the size that passes',
      ko: 'ICMP "fragmentation needed" 메시지를 허용하거나, 경로의 MTU를 낮추세요(MSS clamping). ping -M do -s 1472로 통과하는 크기를 찾을 수 있습니다.',
    },
  ),
  name_filtered: words(
    'between',
    { en: 'connections to that name are cut', ko: '그 이름으로 가는 연결이 끊김' },
    {
      en: 'the connection ends when the ClientHello names the server (SNI), and goes on when it names none or another: what stands before the server, or the server itself, decides by the name',
      ko: 'ClientHello에 서버 이름(SNI)이 있으면 연결이 끊기고, 없거나 다른 이름이면 이어집니다. 서버 앞의 장비나 서버가 이름을 보고 판단합니다.',
    },
    {
      en: 'ask those who run the network whether they block that name, and those who run the server whether it serves it',
      ko: '네트워크 관리자에게 그 이름을 차단하는지, 서버 운영자에게 그 이름을 서비스하는지 확인하세요.',
    },
  ),
  old_ciphers_only: words(
    'server',
    { en: 'the server offers only what current clients refuse', ko: '서버가 오래된 방식만 지원' },
    {
      en: 'the server answers only a hello that offers versions or cipher suites which current clients no longer offer',
      ko: '서버가 요즘 클라이언트는 제안하지 않는 버전이나 암호 스위트(Cipher Suite)에만 답합니다.',
    },
    {
      en: 'update the server, or let it offer TLS 1.2 with ECDHE suites; allowing the old ones in a client gives its protection away',
      ko: '서버를 업데이트하거나 ECDHE 스위트의 TLS 1.2를 켜세요. 클라이언트에서 오래된 방식을 허용하면 보호 수준이 낮아집니다.',
    },
  ),
  security_level: words(
    'server',
    { en: 'too weak for the security level', ko: '보안 수준에 못 미침' },
    {
      en: "something that the server uses (its certificate's key or signature, or its Diffie-Hellman parameters) is below the client's security level; with level 0 the same handshake completes",
      ko: '서버가 쓰는 것(인증서의 키나 서명, Diffie-Hellman 매개변수) 가운데 하나가 클라이언트의 보안 수준에 못 미칩니다. 수준을 0으로 낮추면 같은 핸드셰이크가 끝까지 갑니다.',
    },
    {
      en: 'give the server a key of at least 2048 bits (RSA) or 256 bits (EC), a SHA-256 signature, and ECDHE or 2048-bit parameters; do not lower the level for good',
      ko: '서버에 2048비트 이상의 RSA 키나 256비트 이상의 EC 키, SHA-256 서명, ECDHE 또는 2048비트 매개변수를 쓰세요. 보안 수준을 낮춘 채로 두지 마세요.',
    },
  ),
  certificate_refused: words(
    'client',
    { en: "the client's certificate is refused", ko: '클라이언트 인증서를 거부' },
    {
      en: 'the server does not accept the certificate that the client presents',
      ko: '클라이언트가 제시한 인증서를 서버가 받아들이지 않습니다.',
    },
    {
      en: "compare the certificate's issuer, dates and usage with what the server requires; the server's log names the reason",
      ko: '인증서의 발급자, 유효 기간, 용도를 서버의 요구와 비교하세요. 정확한 이유는 서버 로그에 있습니다.',
    },
  ),
  certificate_not_requested: words(
    'server',
    { en: 'no certificate was asked for', ko: '인증서를 요구하지 않음' },
    {
      en: 'the server did not ask for a certificate in the handshake (no CertificateRequest), and what answers behind it says that one is missing',
      ko: '서버가 핸드셰이크에서 인증서를 요구하지 않았는데(CertificateRequest 없음), 그 뒤에서 답하는 쪽은 인증서가 없다고 합니다.',
    },
    {
      en: 'let the server ask for a certificate in the handshake',
      ko: '서버가 핸드셰이크에서 인증서를 요구하게 하세요.',
    },
  ),
  others_refuse: words(
    'server',
    { en: 'other clients will refuse it', ko: '다른 클라이언트는 거부함' },
    {
      en: 'this client accepts it',
      ko: '이 클라이언트는 받아들입니다',
    },
    {
      en: 'correct it before such a client connects',
      ko: '그런 클라이언트가 접속하기 전에 고치세요.',
    },
  ),
  not_conforming: words(
    'server',
    { en: 'not by the rules of RFC 5280', ko: 'RFC 5280 규칙에 맞지 않음' },
    {
      en: 'the client checks the rules of RFC 5280 strictly (VERIFY_X509_STRICT, as Python does since 3.13; openssl -x509_strict), and a certificate breaks one that other clients do not check',
      ko: '클라이언트가 RFC 5280의 규칙을 엄격하게 검사하는데(VERIFY_X509_STRICT, Python 3.13부터 기본값, openssl -x509_strict), 다른 클라이언트는 검사하지 않는 규칙을 인증서가 어겼습니다.',
    },
    {
      en: 'have the certificate issued again with what is missing (openssl: authorityKeyIdentifier = keyid and subjectKeyIdentifier = hash; for a CA keyUsage and a critical basicConstraints). Until then that client can leave out the strict rules alone (Python: context.verify_flags &= ~ssl.VERIFY_X509_STRICT)',
      ko: '빠진 것을 넣어 인증서를 다시 발급받으세요(openssl: authorityKeyIdentifier = keyid, subjectKeyIdentifier = hash, CA라면 keyUsage와 critical basicConstraints). 그때까지는 그 클라이언트에서 엄격한 규칙만 뺄 수 있습니다(Python: context.verify_flags &= ~ssl.VERIFY_X509_STRICT).',
    },
  ),
  status_missing: words(
    'server',
    { en: 'no OCSP response with the certificate', ko: '인증서와 함께 와야 할 OCSP 응답이 없음' },
    {
      en: 'an OCSP response is demanded with the certificate of the server, and none came',
      ko: '서버 인증서와 함께 OCSP 응답이 와야 하는데 오지 않았습니다.',
    },
    {
      en: 'let the server send OCSP responses (nginx: ssl_stapling on; with ssl_stapling_file from its first handshake on). Where the CA has no OCSP any more (Let’s Encrypt), renew the certificate without its TLS feature, and leave out what demands a response (curl --cert-status)',
      ko: '서버가 OCSP 응답을 보내게 하세요(nginx: ssl_stapling on, 첫 핸드셰이크부터 보내려면 ssl_stapling_file). CA가 OCSP를 없앴다면(Let’s Encrypt) TLS Feature 없는 인증서로 갱신하고, 응답을 요구하는 설정(curl --cert-status)을 빼세요.',
    },
  ),
  ends_after_handshake: words(
    'server',
    { en: 'the connection ends right after the handshake', ko: '핸드셰이크 직후 연결이 끝남' },
    {
      en: 'TLS works: the handshake completes, and then the connection is ended with nothing sent, before anything was asked. A gateway that passes connections on does this when the server behind it is not there (haproxy in TCP mode, stunnel); so does one with a list of those who may connect',
      ko: 'TLS는 정상입니다. 핸드셰이크가 끝난 뒤 아무것도 요청하기 전에, 보낸 것 없이 연결이 끝났습니다. 연결을 넘겨주는 게이트웨이(TCP 모드의 haproxy, stunnel)는 뒤의 서버가 없을 때 이렇게 동작하며, 접근 제한 목록이 있는 서버도 그렇습니다.',
    },
    {
      en: 'read the log of what ends TLS at that port, and check that the server behind it runs and listens where it is expected',
      ko: '그 포트에서 TLS를 끝내는 프로그램의 로그를 보고, 뒤의 서버가 실행 중이며 지정된 주소에서 연결을 받는지 확인하세요.',
    },
  ),
  application_silent: words(
    'server',
    { en: 'the application does not answer', ko: '애플리케이션이 답하지 않음' },
    {
      en: 'TLS works: the handshake completed and the request was sent; no answer to it came',
      ko: 'TLS는 정상입니다. 핸드셰이크가 끝나고 요청도 보냈지만 답이 오지 않았습니다',
    },
    {
      en: 'look at the application and at what it waits for (a back end, a database, a lock), by the log of the server; a device on the way that has forgotten the connection (NAT, firewall) looks the same: a capture at the server shows whether the request came, and whether it was answered',
      ko: '애플리케이션과 애플리케이션이 기다리는 것(뒤의 서버, 데이터베이스, 잠금)을 서버 로그로 확인하세요. 연결을 잊은 중간 장비(NAT, 방화벽)가 있을 때도 똑같이 보입니다. 서버에서 캡처하면 요청이 도착했는지, 답했는지 알 수 있습니다.',
    },
  ),
  application_resets: words(
    'server',
    { en: 'reset at the first application data', ko: '첫 애플리케이션 데이터에서 재설정(RST)' },
    {
      en: 'TLS works: the handshake completed, and the connection was reset (RST) when a request was sent over it',
      ko: 'TLS는 정상입니다. 핸드셰이크가 끝났고, 그 위로 요청을 보내자 연결이 재설정(RST)되었습니다',
    },
    {
      en: 'see by the log of the server whether it crashed or ended the connection; a firewall or an inspection device before it does this too: a capture at the server shows whose reset it is',
      ko: '서버가 중단되었거나 연결을 끊었는지 서버 로그로 확인하세요. 앞의 방화벽이나 검사 장비도 이렇게 합니다. 서버에서 캡처하면 누가 보낸 재설정인지 알 수 있습니다.',
    },
  ),
  unusable_answer: words(
    'server',
    { en: 'the answer over HTTP cannot be used', ko: '쓸 수 없는 HTTP 응답' },
    {
      en: 'TLS works, and the answer that came over it is not a complete HTTP response',
      ko: 'TLS는 정상이지만 그 위로 온 응답이 온전한 HTTP 응답이 아닙니다',
    },
    {
      en: 'look at the application, or at what passes its answers on (a gateway with limits of its own): its log, and the answer of the server behind it',
      ko: '애플리케이션이나 그 응답을 넘겨주는 것(크기와 시간 제한이 있는 게이트웨이)의 로그와, 뒤의 서버가 보낸 응답을 확인하세요.',
    },
  ),
  slow_server: words(
    'server',
    { en: 'the server is slow', ko: '서버가 느림' },
    {
      en: 'the server answers, only late',
      ko: '서버가 답하지만 늦습니다',
    },
    {
      en: 'look at what the server waits for (a resolver, a back end, a load that is too high), or give the client more time',
      ko: '서버가 무엇을 기다리는지(이름 해석, 뒤의 서버, 높은 부하) 확인하거나, 클라이언트의 제한 시간을 늘리세요.',
    },
  ),
  reset_in_handshake: words(
    'between',
    { en: 'reset within the handshake', ko: '핸드셰이크 도중 재설정(RST)' },
    {
      en: 'the server began its answer, and then the connection was reset (RST): something that reads what the server sends ended it, or the server itself failed',
      ko: '서버가 응답을 시작한 뒤 연결이 재설정(RST)되었습니다. 서버가 보내는 내용을 읽는 것이 끊었거나, 서버가 오류로 중단되었습니다',
    },
    {
      en: 'read the log of the server; then that of what stands before it (a firewall, an inspection device): a capture at the server shows whether it sent the reset',
      ko: '서버 로그를 보고, 그다음 앞의 방화벽이나 검사 장비의 로그를 확인하세요. 서버에서 캡처하면 서버가 재설정을 보냈는지 알 수 있습니다.',
    },
  ),
  cut_within_record: words(
    'between',
    { en: 'the answer is cut within a record', ko: '레코드 도중에 잘린 응답' },
    {
      en: 'the connection ended in the middle of a record that had been announced: TLS servers write whole records, so that something on the way cut the answer (by an end, or by a reset that came right behind it), or the server crashed',
      ko: '길이를 알린 레코드가 다 오기 전에 연결이 끝났습니다. TLS 서버는 레코드를 통째로 보내므로, 중간 장비가 응답을 잘랐거나 서버가 중단된 것입니다',
    },
    {
      en: 'look for a proxy, a load balancer or a filter before the server that limits what it passes on, and read its log and that of the server',
      ko: '서버 앞에서 넘겨줄 양을 제한하는 프록시, 로드 밸런서, 필터가 있는지 찾아 그 로그와 서버 로그를 확인하세요.',
    },
  ),
  intercepted: words(
    'client',
    { en: 'TLS is inspected on the way', ko: '중간에서 TLS를 검사함' },
    {
      en: 'what comes for this name is a certificate that the client does not accept, and where the ClientHello does not name it, one that is valid for it: something on the way answers connections to this name with a certificate of its own. A server that was given two certificates for one name would look the same',
      ko: '이 이름을 밝히면 클라이언트가 받아들이지 않는 인증서가 오고, 밝히지 않으면 이 이름에 유효한 인증서가 옵니다. 중간 장비가 이 이름의 연결에 자신의 인증서로 답하는 것입니다. 한 이름에 두 인증서가 설정된 서버도 똑같이 보입니다',
    },
    {
      en: 'ask those who run the network whether they inspect TLS: let them exempt this name, or install the CA of their inspection where this client reads its CAs. Those who run the server do not have that CA',
      ko: '네트워크 관리자에게 TLS를 검사하는지 물어보고, 이 이름을 검사에서 제외하게 하거나 검사 장비의 CA를 이 클라이언트의 CA 목록에 설치하세요. 그 CA는 서버 운영자에게는 없습니다.',
    },
  ),
  proxy_not_used: words(
    'client',
    { en: 'a proxy is named in the environment', ko: '환경 변수에 프록시가 지정됨' },
    {
      en: 'programs that read these variables go through a proxy, and the experiments did not',
      ko: '이 변수를 읽는 프로그램은 프록시를 거치지만 실험은 거치지 않았습니다.',
    },
    {
      en: 'diagnose the command itself (why -- COMMAND)',
      ko: '명령 자체를 진단하세요(why -- 명령).',
    },
  ),
  login_page: words(
    'client',
    { en: 'a login page in place of the server', ko: '서버 대신 로그인 페이지' },
    {
      en: 'another host answers in place of the server, with its own certificate, and sends the client to a page of its own: a network that wants a login first (a captive portal)',
      ko: '다른 호스트가 서버 대신 자신의 인증서로 답하고 자신의 페이지로 보냅니다. 먼저 로그인해야 하는 네트워크(캡티브 포털)입니다',
    },
    {
      en: 'open a page in a browser and log in to the network; then call again',
      ko: '브라우저로 아무 페이지나 열어 네트워크에 로그인한 뒤 다시 호출하세요.',
    },
  ),
  other_protocol: words(
    'client',
    { en: 'another protocol than was asked for', ko: '요청한 것과 다른 프로토콜' },
    {
      en: 'the client requests TLS in one protocol, and the port speaks another',
      ko: '클라이언트가 TLS를 요청한 프로토콜과 포트의 프로토콜이 다릅니다',
    },
    {
      en: 'request TLS in the protocol of this port, or use the port of the protocol that was meant',
      ko: '이 포트의 프로토콜로 TLS를 요청하거나, 원래 의도한 프로토콜의 포트를 쓰세요.',
    },
  ),
  small_records_refused: words(
    'server',
    { en: 'small records are not read', ko: '작은 레코드를 읽지 못함' },
    {
      en: 'the server, or something before it, fails at what comes in small records, which the standard allows: clients that send such records fail',
      ko: '표준이 허용하는 작은 레코드로 나뉘어 오면 서버나 그 앞의 장비가 읽지 못합니다. 레코드를 나누어 보내는 클라이언트는 실패합니다',
    },
    {
      en: 'update what reads the records: the server, or what stands before it (a load balancer that picks a backend by the name in the hello)',
      ko: '레코드를 읽는 서버나 그 앞의 장비(ClientHello의 이름으로 백엔드를 고르는 로드 밸런서)를 업데이트하세요.',
    },
  ),
  certificate_at_risk: words(
    'client',
    { en: 'a certificate that others refuse, or will', ko: '다른 곳에서 거부되거나 거부될 인증서' },
    {
      en: 'this client accepts it, and not everybody does',
      ko: '여기서는 받아들여지지만 어디서나 그렇지는 않습니다',
    },
    {
      en: 'have it issued anew, before it matters',
      ko: '문제가 되기 전에 다시 발급받으세요.',
    },
  ),
  clock_wrong: words(
    'client',
    { en: 'the clocks differ', ko: '시계가 서로 다름' },
    {
      en: "by this machine's clock the certificate is not valid, and by the clock of the server (its Date header) it is",
      ko: '이 컴퓨터의 시계로는 인증서가 유효하지 않지만, 서버의 시계(Date 헤더)로는 유효합니다.',
    },
    {
      en: 'compare both clocks with a third (timedatectl says whether this one is synchronized), and set the wrong one. If this one is right, it is that of the server, and its certificate has to be renewed besides',
      ko: '두 시계를 다른 시계와 비교해 틀린 쪽을 맞추세요(timedatectl로 이 컴퓨터의 동기화 여부를 볼 수 있습니다). 이 컴퓨터의 시계가 맞다면 서버의 시계가 틀린 것이고, 서버 인증서도 갱신해야 합니다.',
    },
  ),
  refused_by_application: words(
    'server',
    { en: 'refused by the application', ko: '애플리케이션이 거부' },
    {
      en: 'TLS succeeded; the application behind it refuses',
      ko: 'TLS는 성공했고, 그 위의 애플리케이션이 거부했습니다.',
    },
    {
      en: "the application's own words name the reason: compare them with its settings, and with what the client sent (user, password, rights)",
      ko: '애플리케이션의 문구에 이유가 있습니다. 애플리케이션의 설정, 그리고 클라이언트가 보낸 것(사용자, 비밀번호, 권한)과 비교하세요.',
    },
  ),
  unusable_file: words(
    'client',
    { en: 'a file of the client cannot be used', ko: '클라이언트의 파일을 쓸 수 없음' },
    {
      en: 'the client cannot use a file that it was given: CAs, a certificate, or a private key',
      ko: '클라이언트가 지정된 파일(CA, 인증서, 개인 키)을 쓸 수 없습니다.',
    },
    {
      en: 'check that the file exists and can be read, that it is PEM where PEM is expected, and that certificate and key belong together',
      ko: '파일이 있고 읽을 수 있는지, PEM 형식이 맞는지, 인증서와 개인 키가 짝이 맞는지 확인하세요.',
    },
  ),
  unusable_option: words(
    'client',
    { en: 'an option of the client cannot be used', ko: '클라이언트의 옵션을 쓸 수 없음' },
    {
      en: 'the client does not know an option that it was given, or can do nothing with its value',
      ko: '클라이언트가 지정된 옵션을 모르거나 그 값을 쓸 수 없습니다.',
    },
    {
      en: 'correct the option or its value: names of cipher suites, groups, versions and protocols are spelled differently by different programs and libraries',
      ko: '옵션이나 값을 고치세요. 암호 스위트, 그룹, 버전, 프로토콜의 이름은 프로그램과 라이브러리마다 표기가 다릅니다.',
    },
  ),
  refusal_overcome: words(
    'client',
    { en: 'a refusal that a later call covers up', ko: '나중 호출에 가려진 거부' },
    {
      en: 'the command did not accept the certificate of its server, called the same server once more, and succeeded: it verified less then (curl -k), it trusted another CA, or another server answered. Which of these, was not seen',
      ko: '명령이 서버의 인증서를 받아들이지 않았다가 같은 서버를 다시 호출해 성공했습니다. 두 번째에는 덜 검증했거나(curl -k), 다른 CA를 신뢰했거나, 다른 서버가 답한 것입니다. 어느 쪽인지는 알 수 없습니다.',
    },
    {
      en: 'see what the command does where its first call fails. Without verification nobody knows which server answered: mend what the first call refused (see also below), and let the second one go',
      ko: '첫 호출이 실패하면 명령이 무엇을 하는지 확인하세요. 검증하지 않으면 어느 서버가 답했는지 알 수 없습니다. 첫 호출이 거부한 원인(아래 참고)을 고치고 두 번째 호출은 없애세요.',
    },
  ),
  no_connection_seen: words(
    'client',
    { en: 'no connection came through', ko: '거쳐 간 연결이 없음' },
    {
      en: 'the command opened no connection through wirelab: it uses no proxy, connects elsewhere, or failed before it connected',
      ko: '명령이 wirelab을 거쳐 연결하지 않았습니다. 프록시를 쓰지 않거나, 다른 곳에 연결했거나, 연결하기 전에 실패했습니다.',
    },
    {
      en: 'lead it through wirelab',
      ko: '명령이 wirelab을 거치게 하세요.',
    },
  ),
  failed_elsewhere: words(
    'client',
    { en: 'no fault of a connection was seen', ko: '연결에서는 문제가 보이지 않음' },
    {
      en: 'nothing was seen to fail on the connections of the command, and the command ended with an error',
      ko: '명령의 연결에서는 실패가 보이지 않았는데 명령이 오류와 함께 끝났습니다.',
    },
    {
      en: 'begin with what the command itself says; its verbose output, if it has one, says more',
      ko: '명령이 출력한 내용부터 확인하세요. 자세한 출력을 켜는 옵션이 있다면 함께 보세요.',
    },
  ),
  capture_ends: words(
    'client',
    { en: 'the capture ends here', ko: '캡처가 여기서 끝남' },
    {
      en: 'the capture does not show how the connection went on: nothing failed as far as it goes, and nothing shows that it went well',
      ko: '캡처에는 연결이 그 뒤 어떻게 되었는지가 없습니다. 담긴 데까지는 실패도 없지만 잘되었다는 증거도 없습니다',
    },
    {
      en: 'capture again, and end the capture only after the connection has ended (tcpdump -i any -s 0 -U -w FILE)',
      ko: '다시 캡처하고, 연결이 끝난 뒤에 캡처를 마치세요(tcpdump -i any -s 0 -U -w 파일).',
    },
  ),
  nothing_said: words(
    'client',
    { en: 'the client left before it said anything', ko: '클라이언트가 아무 말 없이 끊음' },
    {
      en: 'the client ended the connection without an alert before it sent any data: a mere probe looks like this (a health check, a browser that opens ahead), and so does a client that does not accept the certificate or its name and tells nobody (Node, wget, libpq)',
      ko: '클라이언트가 데이터를 보내기 전에 알림(Alert) 없이 연결을 끊었습니다. 단순한 확인 접속(상태 점검, 미리 여는 브라우저)도, 인증서나 이름을 받아들이지 않고 말없이 끊는 클라이언트(Node, wget, libpq)도 이렇게 보입니다.',
    },
    {
      en: 'read what the client itself says, or let it be diagnosed with its words (wirelab why -- COMMAND)',
      ko: '클라이언트가 출력한 내용을 확인하거나, 명령과 함께 진단하세요(wirelab why -- 명령).',
    },
  ),
  nothing_sent: words(
    'client',
    { en: 'opened and closed, nothing said', ko: '주고받은 내용 없음' },
    {
      en: 'the connection was opened and closed, and the client sent nothing: nothing can be said of it',
      ko: '연결이 열렸다가 닫혔고 클라이언트가 아무것도 보내지 않아 알 수 있는 것이 없습니다.',
    },
    {
      en: 'capture again while the client does what fails (tcpdump -i any -w FILE)',
      ko: '클라이언트가 실패하는 동작을 하는 동안 다시 캡처하세요(tcpdump -i any -w 파일).',
    },
  ),
  reset_in_data: words(
    'between',
    { en: 'reset while data was exchanged', ko: '데이터를 주고받던 중 재설정(RST)' },
    {
      en: 'the handshake completed and data was exchanged, and then the connection was reset (RST) in the name of the server: whether the answer had come as a whole is not known',
      ko: '핸드셰이크를 마치고 데이터를 주고받던 중 서버 이름으로 온 재설정(RST)으로 연결이 끊겼습니다. 응답이 다 왔는지는 알 수 없습니다',
    },
    {
      en: 'see by the log of the server whether it sent the reset (it is not about certificates); if it did not, look for a firewall, an inspection device or a proxy on the way, and for its limits of size and time',
      ko: '서버가 재설정을 보냈는지 서버 로그로 확인하고(인증서와는 관계가 없습니다), 보내지 않았다면 중간의 방화벽, 검사 장비, 프록시와 그 크기·시간 제한을 살펴보세요.',
    },
  ),
  stale_connection: words(
    'client',
    { en: 'a request on a connection that was closed', ko: '닫힌 연결로 보낸 요청' },
    {
      en: 'the server closed the connection, and the client used it afterwards: the request was lost',
      ko: '서버가 닫은 연결을 클라이언트가 다시 써서 요청이 사라졌습니다.',
    },
    {
      en: 'look whether a connection was closed before it is used again, and repeat a request that was lost like this',
      ko: '연결을 다시 쓰기 전에 닫혔는지 확인하고, 이렇게 사라진 요청은 다시 보내세요.',
    },
  ),
  listener_verified: words(
    'client',
    { en: "the command verified the name of wirelab's listener", ko: 'wirelab 리스너의 이름을 검증함' },
    {
      en: 'the command takes the name that it verifies from the address in the place of {}, which is not that of its target: this failure is one of the diagnosis and not of the command',
      ko: '명령이 {} 자리의 주소를 검증할 이름으로 썼는데, 이는 대상의 이름이 아닙니다. 이 실패는 진단 때문에 생긴 것이며 명령의 원래 실패가 아닙니다.',
    },
    {
      en: "give the command its target's name besides the address",
      ko: '주소와 별도로 대상의 이름을 명령에 지정하세요.',
    },
  ),
};
