/**
 * Each protection is switched off, one at a time, in an otherwise honest scenario that then runs for real: the verdict
 * must fail, and the finding that speaks of the protection must be the one that says so.
 */
import test from 'ava';
import type { CaptureDraft, CaptureEvent, TcpOpening } from '../../src/capture/event.ts';
import type { PageRequest } from '../../src/peers/reports/visit.ts';
import { CaptureLog } from '../../src/capture/log.ts';
import { systemClock } from '../../src/core/clock.ts';
import { features } from '../../src/features/registry.ts';
import { planScenario } from '../../src/engine/planning.ts';
import type { CompiledScenario } from '../../src/engine/scenario.ts';
import { createJudge } from '../../src/engine/verdict.ts';
import { shareOf } from '../helpers/at-length.ts';
import { capturedOpening } from '../helpers/opening.ts';
import { withPeer } from '../helpers/peer.ts';
import { compiled, perform, removeWorldFolder, worldOf } from './support/demonstration.ts';
import type { Editable } from './support/demonstration.ts';

test.after.always(removeWorldFolder);

type Scenario = Editable<CompiledScenario>;

interface Mutation {
  /** Its folder. */
  readonly scenario: string;
  readonly title: string;
  readonly edit: (scenario: Scenario) => unknown;
  /** Findings that must be missed. */
  readonly missed: readonly string[];
}

const proxyOf = (scenario: Scenario, name: string) => scenario.file.proxies?.[name] ?? never(name);
const serverOf = (scenario: Scenario, name: string) => scenario.file.servers[name] ?? never(name);
const stepOf = (scenario: Scenario, id: string) =>
  scenario.file.steps.find((step) => step.id === id) ?? never(id);
const anotherPassword = (scenario: Scenario) =>
  Object.assign(scenario.file.manifests?.['secret.yaml'] ?? never('secret.yaml'), {
    object: {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'db', namespace: 'default' },
      stringData: { password: 'another' },
    },
  });
const clientOf = (scenario: Scenario, name: string) => scenario.file.clients[name] ?? never(name);

const manifestOf = (scenario: Scenario, id: string) => stepOf(scenario, id).manifest ?? never(id);

const enrolmentOf = (scenario: Scenario, id: string) =>
  scenario.file.steps.find((step) => step.id === id)?.enrol ?? never(id);

const toyLoginOf = (scenario: Scenario, id: string) =>
  scenario.file.steps.find((step) => step.id === id)?.toyLogin ?? never(id);
const lookUpOf = (scenario: Scenario, id: string) =>
  scenario.file.steps.find((step) => step.id === id)?.lookUp ?? never(id);

const visitOf = (scenario: Scenario, id: string) =>
  scenario.file.steps.find((step) => step.id === id)?.visit ?? never(id);

const kubectlOf = (scenario: Scenario, id: string) => stepOf(scenario, id).kubectl ?? never(id);

const facts = (scenario: Scenario, name: string) => serverOf(scenario, name).controlPlane ?? never(name);
const kubeletOf = (scenario: Scenario, name: string) => facts(scenario, name).kubelet ?? never(name);

const restartsOf = (scenario: Scenario, id: string) => {
  const { restart } = stepOf(scenario, id);
  return restart ? [restart, ...(restart.also ?? [])] : never(id);
};

const requestOf = (scenario: Scenario, name: string) => {
  const manifest = scenario.file.manifests?.[name];
  return manifest && 'request' in manifest ? manifest.request : never(name);
};

const siteOf = (scenario: Scenario, name: string) => serverOf(scenario, 'sites').sites?.[name] ?? never(name);

function never(name: string): never {
  throw new Error(`no ${name} in the scenario: the mutation changes nothing`);
}

const mutations: readonly Mutation[] = [
  {
    scenario: 'plaintext',
    title: 'with TLS on the first wire the secrets do not leak there',
    edit(scenario) {
      const proxy = proxyOf(scenario, 'front');
      proxy.kind = 'tls';
      proxy.certificate = 'proxy';
      clientOf(scenario, 'customer').trust = ['workshop-server-ca'];
    },
    missed: ['through-a-proxy/visible/password/A', 'through-a-proxy/visible/rrn/A'],
  },
  {
    scenario: 'tls',
    title: 'TLS is off at the proxy',
    edit: (scenario) => (proxyOf(scenario, 'front').kind = 'plaintext'),
    missed: ['sealed-login/sealed/password/A', 'sealed-login/sealed/rrn/A', 'sealed-login/handshake/A'],
  },
  {
    scenario: 'tls',
    title: 'the second hop is plain',
    edit(scenario) {
      const proxy = proxyOf(scenario, 'front-to-back');
      delete proxy.towardsTarget;
      proxy.target = 'shop';
    },
    missed: ['second-hop/sealed/password/D', 'second-hop/sealed/rrn/D', 'second-hop/handshake/D'],
  },
  {
    scenario: 'tls',
    title: 'the client does not verify',
    edit: (scenario) => (clientOf(scenario, 'customer').verify = false),
    missed: ['unknown-ca/refused', 'unknown-ca/login-sent', 'unknown-ca/unreached'],
  },
  {
    scenario: 'tls',
    title: 'the client trusts the unknown CA',
    edit: (scenario) => clientOf(scenario, 'customer').trust?.push('rogue-server-ca'),
    missed: ['unknown-ca/refused', 'unknown-ca/login-sent', 'unknown-ca/unreached'],
  },
  {
    scenario: 'mtls',
    title: 'the proxy asks for no certificate',
    edit: (scenario) => (proxyOf(scenario, 'front').kind = 'tls'),
    missed: ['nobody', 'mallory', 'expired', 'server-only', 'revoked'].flatMap((who) => [
      `${who}-1.3/refused`,
      `${who}-1.2/refused`,
      `${who}-1.3/unreached`,
      `${who}-1.2/unreached`,
    ]),
  },
  {
    scenario: 'mtls',
    title: 'the proxy trusts the rogue CA',
    edit(scenario) {
      const proxy = proxyOf(scenario, 'front');
      proxy.clientAuthorities?.push('rogue-client-ca');
      // A CA without a list would be refused for that.
      delete proxy.revocations;
    },
    missed: [
      'mallory-1.3/refused',
      'mallory-1.2/refused',
      'mallory-1.3/unreached',
      'mallory-1.2/unreached',
      'mallory-1.2/login-sent',
    ],
  },
  {
    scenario: 'mtls',
    title: 'the proxy has no revocation list',
    edit: (scenario) => delete proxyOf(scenario, 'front').revocations,
    missed: ['revoked-1.3/refused', 'revoked-1.2/refused', 'revoked-1.3/unreached', 'revoked-1.2/unreached'],
  },
  {
    scenario: 'mtls',
    title: 'the client does not verify the proxy',
    edit: (scenario) => (clientOf(scenario, 'alice').verify = false),
    missed: [
      'unverified-proxy-1.3/refused',
      'unverified-proxy-1.2/refused',
      'unverified-proxy-1.3/login-sent',
      'unverified-proxy-1.2/login-sent',
    ],
  },
  {
    scenario: 'mtls',
    title: 'the policy admits no such name',
    edit: (scenario) => (proxyOf(scenario, 'front').admit = { commonNames: ['somebody-else'] }),
    missed: ['alice-1.3/admitted', 'alice-1.2/admitted'],
  },
  {
    scenario: 'mtls',
    title: 'the expired certificate is one that is not',
    edit: (scenario) => (clientOf(scenario, 'alice-expired').certificate = 'alice'),
    missed: ['expired-1.3/refused', 'expired-1.2/refused', 'expired-1.3/unreached', 'expired-1.2/unreached'],
  },
  {
    scenario: 'mtls',
    title: 'the server-only certificate is one for clients',
    edit: (scenario) => (clientOf(scenario, 'alice-server-only').certificate = 'alice'),
    missed: [
      'server-only-1.3/refused',
      'server-only-1.2/refused',
      'server-only-1.3/unreached',
      'server-only-1.2/unreached',
    ],
  },
  {
    scenario: 'mtls',
    title: 'a private key is sent in the login',
    async edit(scenario) {
      const world = (await worldOf(scenario)) ?? never('world');
      scenario.file.secrets['rrn'] = { value: world.identity('alice').key };
    },
    missed: ['keys-never-on-wire'],
  },
  {
    scenario: 'client-refusals',
    title: 'any certificate from the right CA is admitted',
    edit: (scenario) => delete proxyOf(scenario, 'front').admit,
    missed: [
      'wrong-name',
      'hostile-names-wildcard',
      'hostile-names-look-alike',
      'hostile-names-name-with-nul',
    ].flatMap((who) => [
      `${who}-1.3/refused`,
      `${who}-1.2/refused`,
      `${who}-1.2/login-sent`,
      `${who}-1.3/unreached`,
      `${who}-1.3/predicted/node`,
    ]),
  },
  {
    scenario: 'client-refusals',
    title: 'the proxy looks at no list',
    edit: (scenario) => delete proxyOf(scenario, 'front').revocations,
    missed: [
      'withdrawn-revoked-1.3',
      'withdrawn-branch-office-1.2',
      'next-connection-laptop-1.3',
      'next-connection-phone-1.2',
      'resumption-laptop-1.3',
      'resumption-phone-1.2',
    ].flatMap((who) => [`${who}/refused`, `${who}/unreached`]),
  },
  {
    scenario: 'client-refusals',
    title: 'the thief’s bytes are left alone',
    edit: (scenario) => delete clientOf(scenario, 'thief').tamper,
    missed: ['stolen-1.3/refused', 'stolen-1.2/refused', 'stolen-1.3/unreached', 'stolen-1.2/predicted/node'],
  },
  {
    scenario: 'client-refusals',
    title: 'a live connection is expected to be cut off by the list',
    edit(scenario) {
      const expected =
        scenario.file.steps
          .find(({ id }) => id === 'while-connected')
          ?.expect?.find(({ servedAfterRevocation }) => servedAfterRevocation) ?? never('expectation');
      expected.servedAfterRevocation = false;
    },
    missed: [
      'while-connected-laptop-1.3/served-after-revocation',
      'while-connected-phone-1.2/served-after-revocation',
    ],
  },
  {
    scenario: 'client-refusals',
    title: 'the prediction is wrong',
    edit(scenario) {
      for (const row of scenario.predictions?.node ?? never('prediction'))
        row.logins['wrong-time-expired'] = { '1.3': { words: 'ALERT_UNKNOWN_CA' } };
    },
    missed: ['wrong-time-expired-1.3/predicted/node'],
  },
  {
    scenario: 'inspecting-proxy',
    title: 'the app has pinned no key: the company’s CA is enough for it',
    edit: (scenario) => delete clientOf(scenario, 'app').pin,
    missed: ['app/refused', 'app/login-sent', 'app/unreached'],
  },
  {
    scenario: 'inspecting-proxy',
    title: 'the app has pinned the proxy’s key: it is turned away at home, and served in the office',
    edit: (scenario) => (clientOf(scenario, 'app').pin = 'inspected-shop'),
    missed: ['app-at-home/admitted', 'app/refused', 'app/login-sent', 'app/unreached'],
  },
  {
    scenario: 'inspecting-proxy',
    title: 'the machine of the app does not know the company’s CA: turned away, but not by the pin',
    edit: (scenario) => (clientOf(scenario, 'app').trust = ['public-ca']),
    missed: ['app/refused'],
  },
  {
    scenario: 'inspecting-proxy',
    title: 'the company only passes on',
    edit(scenario) {
      const proxy = proxyOf(scenario, 'inspector');
      proxy.kind = 'passthrough';
      delete proxy.certificate;
      delete proxy.towardsTarget;
    },
    missed: ['employee/agreed/vouchedBy/A', 'guest/refused'],
  },
  {
    scenario: 'inspecting-proxy',
    title: 'the shop requests no client certificate',
    edit: (scenario) => (serverOf(scenario, 'members').security = 'tls'),
    missed: ['member/failed/D'],
  },
  {
    scenario: 'downgrade',
    title: 'the access point leaves the versions as they are',
    edit: (scenario) => delete proxyOf(scenario, 'version-cutter').tamper,
    missed: ['versions/failed/C', 'versions/failed/D', 'versions/login-sent'],
  },
  {
    scenario: 'downgrade',
    title: 'the access point leaves the suites as they are',
    edit: (scenario) => delete proxyOf(scenario, 'suite-cutter').tamper,
    missed: ['suites-1.2/failed/E', 'suites-1.2/failed/F', 'suites-1.2/login-sent'],
  },
  {
    scenario: 'downgrade',
    title: 'the client does not say that it came back with less',
    edit: (scenario) => delete clientOf(scenario, 'hasty').tamper,
    missed: ['fallback-1.2/failed/G', 'fallback-1.2/login-sent'],
  },
  {
    scenario: 'mail',
    title: 'the access point leaves the offer of STARTTLS as it is',
    edit: (scenario) => delete proxyOf(scenario, 'access-point').script,
    missed: [
      'stripped/visible/password/C',
      'stripped/visible/rrn/C',
      'stripped/visible/password/D',
      'stripped/visible/rrn/D',
      'insists/declined',
      'insists/login-sent',
    ],
  },
  {
    scenario: 'mail',
    title: 'the careful program takes what it gets, as the other does',
    edit: (scenario) => {
      const { script } = clientOf(scenario, 'laptop');
      if (script) clientOf(scenario, 'careful-laptop').script = script;
    },
    missed: ['insists/declined', 'insists/login-sent'],
  },
  {
    scenario: 'handshake',
    title: 'the shop takes whichever group comes first',
    edit: (scenario) => delete serverOf(scenario, 'choosy-shop').groups,
    missed: ['asked-again-1.3/agreed/group/B', 'asked-again-1.3/agreed/askedAgain/B'],
  },
  {
    scenario: 'handshake',
    title: 'the old acquaintance has forgotten its ticket',
    edit: (scenario) => delete stepOf(scenario, 'acquainted').login?.resume,
    missed: ['acquainted-1.3/agreed/resumed/A', 'acquainted-1.2/agreed/resumed/A'],
  },
  {
    scenario: 'handshake',
    title: 'the shop speaks what the client likes best',
    edit: (scenario) => (serverOf(scenario, 'shop').alpn = ['h2']),
    missed: ['protocol-1.3/agreed/protocol/C', 'protocol-1.2/agreed/protocol/C'],
  },
  {
    scenario: 'handshake',
    title: 'the client asks for another group',
    edit: (scenario) => (clientOf(scenario, 'customer').groups = 'P-256'),
    missed: ['first-1.3/agreed/group/A', 'first-1.2/agreed/group/A'],
  },
  {
    scenario: 'chain',
    title: 'the incomplete chain is whole after all',
    edit: (scenario) => (serverOf(scenario, 'incomplete').chain = ['issuing-ca']),
    missed: ['incomplete/refused', 'incomplete/login-sent', 'incomplete/chain', 'incomplete/predicted/node'],
  },
  {
    scenario: 'chain',
    title: 'a whole chain lacks its intermediate',
    edit: (scenario) => (serverOf(scenario, 'whole').chain = []),
    missed: [
      'whole-1.3/admitted',
      'whole-1.2/admitted',
      'whole-1.3/chain',
      'whole-1.2/chain',
      'browser/chain',
    ],
  },
  {
    scenario: 'chain',
    title: 'the order is right where it is expected to be wrong',
    edit: (scenario) => (serverOf(scenario, 'shuffled').chain = ['issuing-ca', 'workshop-root']),
    missed: ['shuffled/chain'],
  },
  {
    scenario: 'chain',
    title: 'the client does not verify',
    edit: (scenario) => (clientOf(scenario, 'alice').verify = false),
    missed: ['incomplete', 'unknown-root', 'old', 'too-long', 'by-cafe'].flatMap((step) => [
      `${step}/refused`,
      `${step}/login-sent`,
      `${step}/chain`,
      `${step}/predicted/node`,
    ]),
  },
  {
    scenario: 'chain',
    title: 'the client trusts the unknown root',
    edit: (scenario) => clientOf(scenario, 'alice').trust?.push('mallory-root'),
    missed: ['unknown-root/refused', 'unknown-root/login-sent', 'unknown-root/chain'],
  },
  {
    scenario: 'chain',
    title: 'the way is expected to break somewhere else, or for another reason',
    edit(scenario) {
      for (const { id, expect } of scenario.file.steps) {
        for (const { chain } of expect ?? []) {
          if (chain?.breaks && 'at' in chain.breaks && id === 'old') chain.breaks.at = 'shop-below-old';
          if (chain?.breaks && 'at' in chain.breaks && id === 'too-long') chain.breaks.reason = 'not_a_ca';
          if (chain && id === 'whole') chain.breaks = { at: 'shop', reason: 'unknown_ca' };
        }
      }
    },
    missed: ['old/chain', 'too-long/chain', 'whole-1.3/chain'],
  },
  {
    scenario: 'chain',
    title: 'a name is expected in the store that is not there, and another not to be there that is',
    edit(scenario) {
      for (const { expect } of scenario.file.steps)
        for (const { trusts } of expect ?? [])
          if (trusts) [trusts.names, trusts.not] = [['DigiCert', 'Symantec'], ['GlobalSign']];
    },
    missed: ['store/trusts/Symantec', 'store/trusts/GlobalSign'],
  },
  {
    scenario: 'versions',
    title: 'TLS 1.2 is expected to seal what only 1.3 seals',
    edit(scenario) {
      for (const step of scenario.file.steps) {
        for (const { eavesdropper } of step.expect ?? []) {
          if (eavesdropper?.sees.identity) eavesdropper.sees.identity = 'sealed';
          if (eavesdropper?.sees.serverCertificate) eavesdropper.sees.serverCertificate = 'sealed';
          if (eavesdropper?.sees.alert) eavesdropper.sees.alert = 'sealed';
        }
      }
    },
    missed: [
      'alice-1.2/eavesdropper/identity/A',
      'alice-1.2/eavesdropper/serverCertificate/A',
      'mallory-1.2/eavesdropper/identity/A',
      'mallory-1.2/eavesdropper/alert/A',
    ],
  },
  {
    scenario: 'versions',
    title: 'the names are expected to be readable under TLS 1.3 as well',
    edit(scenario) {
      for (const step of scenario.file.steps) {
        for (const { eavesdropper } of step.expect ?? [])
          if (eavesdropper?.sees.identity) eavesdropper.sees.identity = 'readable';
      }
    },
    missed: ['alice-1.3/eavesdropper/identity/A', 'mallory-1.3/eavesdropper/identity/A'],
  },
  {
    scenario: 'versions',
    title: 'there is no TLS to hide anything',
    edit: (scenario) => (proxyOf(scenario, 'front').kind = 'plaintext'),
    missed: ['alice-1.3/sealed/password/A', 'alice-1.2/sealed/rrn/A'],
  },
  {
    scenario: 'csr',
    title: 'Mallory can put files on the shop’s site',
    edit: (scenario) => enrolmentOf(scenario, 'impostor').publishesAt.push('site'),
    missed: ['impostor/challenge/shop.localhost', 'impostor/not-issued'],
  },
  {
    scenario: 'csr',
    title: 'the owner can put files on the bank’s site',
    edit: (scenario) => enrolmentOf(scenario, 'another-name').publishesAt.push('bank'),
    missed: ['another-name/foreign/bank.localhost', 'another-name/not-issued'],
  },
  {
    scenario: 'csr',
    title: 'the owner cannot put the answer there',
    edit: (scenario) => (enrolmentOf(scenario, 'request').publishesAt = []),
    missed: ['request/challenge/shop.localhost', 'request/issued', 'in-use/admitted'],
  },
  {
    scenario: 'csr',
    title: 'the certificate is not installed',
    edit: (scenario) => delete enrolmentOf(scenario, 'request').install,
    missed: ['in-use/installed', 'in-use/admitted'],
  },
  {
    scenario: 'csr',
    title: 'the key is Mallory’s own',
    edit: (scenario) => delete enrolmentOf(scenario, 'borrowed-key').publicKeyOf,
    missed: ['borrowed-key/not-issued'],
  },
  {
    scenario: 'csr',
    title: 'the certificate is expected to have another name',
    edit(scenario) {
      for (const step of scenario.file.steps)
        for (const { issued } of step.expect ?? []) if (issued) issued.names = ['bank.localhost'];
    },
    missed: ['request/issued', 'too-much/issued'],
  },
  {
    scenario: 'csr',
    title: 'the refusal is expected to have another reason',
    edit(scenario) {
      for (const step of scenario.file.steps)
        for (const { notIssued } of step.expect ?? []) if (notIssued) notIssued.problem = 'dns';
    },
    missed: ['another-name/not-issued', 'impostor/not-issued', 'borrowed-key/not-issued'],
  },
  {
    scenario: 'csr',
    title: 'the client verifies nothing',
    edit: (scenario) => (clientOf(scenario, 'alice').verify = false),
    missed: ['self-signed/refused', 'self-signed/login-sent'],
  },
  {
    scenario: 'csr',
    title: 'a private key is sent in the login',
    async edit(scenario) {
      const world = (await worldOf(scenario)) ?? never('world');
      scenario.file.secrets['rrn'] = { value: world.identity('shop').key };
    },
    missed: ['keys-never-on-wire'],
  },
  {
    scenario: 'fake-site',
    title: 'the resolver answers truthfully where a false answer is expected',
    edit: (scenario) => (lookUpOf(scenario, 'meets-own-ca').to = 'shop'),
    missed: [
      'meets-own-ca-careless/led-to',
      'meets-own-ca-careless/taken/password',
      'meets-own-ca-careful/refused',
      'meets-own-ca-careful/login-sent',
      'meets-own-ca-careful/kept/password',
      'meets-own-ca-pinning/led-to',
    ],
  },
  {
    scenario: 'fake-site',
    title: 'the resolver answers falsely where the truth is expected',
    edit: (scenario) => (lookUpOf(scenario, 'truth').to = 'stolen-ca-key'),
    missed: ['truth-careless/led-to', 'truth-careful/led-to', 'truth-pinning/led-to'],
  },
  {
    scenario: 'fake-site',
    title: 'the careful client does not verify',
    edit: (scenario) => (clientOf(scenario, 'careful').verify = false),
    missed: ['meets-self-signed', 'meets-own-ca'].flatMap((step) => [
      `${step}-careful/refused`,
      `${step}-careful/login-sent`,
      `${step}-careful/kept/password`,
      `${step}-careful/kept/rrn`,
    ]),
  },
  {
    scenario: 'fake-site',
    title: 'the careful client trusts the impostor’s CA',
    edit: (scenario) => clientOf(scenario, 'careful').trust?.push('impostor-ca'),
    missed: ['meets-own-ca-careful/refused', 'meets-own-ca-careful/kept/password'],
  },
  {
    scenario: 'fake-site',
    title: 'the careless client verifies',
    edit: (scenario) => delete clientOf(scenario, 'careless').verify,
    missed: ['meets-self-signed-careless/taken/password', 'meets-own-ca-careless/taken/rrn'],
  },
  {
    scenario: 'fake-site',
    title: 'no key is pinned',
    edit: (scenario) => delete clientOf(scenario, 'pinning').pin,
    missed: [
      'meets-stolen-ca-key-pinning/refused',
      'meets-stolen-ca-key-pinning/login-sent',
      'meets-stolen-ca-key-pinning/kept/password',
    ],
  },
  {
    scenario: 'fake-site',
    title: 'the key of the CA was not stolen',
    edit: (scenario) =>
      (scenario.file.servers['stolen-ca-key'] = { ...(scenario.file.servers['own-ca'] ?? never('own-ca')) }),
    missed: ['meets-stolen-ca-key-careful/taken/password', 'meets-stolen-ca-key-pinning/refused'],
  },
  {
    scenario: 'fake-site',
    title: 'clients fall back to plain text',
    edit: (scenario) => (lookUpOf(scenario, 'meets-no-tls').scheme = 'http'),
    missed: [
      'meets-no-tls-careless/kept/password',
      'meets-no-tls-careful/kept/rrn',
      'meets-no-tls-pinning/refused',
    ],
  },
  ...(
    [
      ['certificate_expired', 'mallory'],
      ['certificate_revoked', 'expired'],
    ] as const
  ).map(
    ([reason, step]): Mutation => ({
      scenario: 'mtls',
      title: `${step} is expected to be refused as ${reason}`,
      edit(scenario) {
        const written =
          scenario.file.steps.find(({ id }) => id === step)?.expect?.find(({ refused }) => refused)
            ?.refused ?? never(step);
        written.reason = reason;
        written.alert = reason;
      },
      missed: [`${step}-1.3/refused`, `${step}-1.2/refused`],
    }),
  ),
  {
    scenario: 'key-exchange',
    title: 'the password is locked with padding where the eavesdropper is to guess it',
    edit: (scenario) => (toyLoginOf(scenario, 'bare-padlock').lock = 'rsa-oaep'),
    missed: ['bare-padlock/overheard/password/B'],
  },
  {
    scenario: 'key-exchange',
    title: 'the password is locked without padding where the eavesdropper is to fail',
    edit: (scenario) => (toyLoginOf(scenario, 'padlock').lock = 'rsa-unpadded'),
    missed: ['padlock/overheard/password/C'],
  },
  {
    scenario: 'key-exchange',
    title: 'the key is not sent along',
    edit: (scenario) => (toyLoginOf(scenario, 'shared-key').lock = 'rsa-oaep'),
    missed: ['shared-key/overheard/password/A', 'shared-key/overheard/rrn/A'],
  },
  {
    scenario: 'key-exchange',
    title: 'the server of the old days has forward secrecy',
    edit: (scenario) => delete serverOf(scenario, 'static-shop').ciphers,
    missed: ['static-rsa-1.2/key-exchange/D', 'stolen-later/opened/password', 'stolen-later/opened/rrn'],
  },
  {
    scenario: 'key-exchange',
    title: 'the server of today has none',
    edit(scenario) {
      serverOf(scenario, 'shop').ciphers = 'AES128-GCM-SHA256';
      for (const { login } of scenario.file.steps) if (login?.to === 'shop') login.tls = ['1.2'];
    },
    missed: ['two-values-1.2/key-exchange/E', 'stolen-in-vain/opened/password', 'stolen-in-vain/opened/rrn'],
  },
  {
    scenario: 'key-exchange',
    title: 'the ticket keys of the server of today were stolen, too',
    edit(scenario) {
      serverOf(scenario, 'shop').ticketKeys = '0f'.repeat(48);
      const inVain = scenario.file.steps.find(({ id }) => id === 'stolen-in-vain')?.theft ?? never('theft');
      delete inVain.key;
      Object.assign(inVain, { stolenFrom: 'shop', ticketKeys: true });
    },
    missed: ['stolen-in-vain/opened/password', 'stolen-in-vain/opened/rrn'],
  },
  {
    scenario: 'key-exchange',
    title: 'another key was stolen',
    edit(scenario) {
      for (const { theft } of scenario.file.steps) if (theft) theft.key = 'shop-renewed';
    },
    missed: ['stolen-later/opened/password', 'stolen-later/opened/rrn'],
  },
  {
    scenario: 'private-key',
    title: 'the server shows another public key, and TLS 1.3 is expected to show it',
    edit(scenario) {
      serverOf(scenario, 'shop').certificate = 'shop-renewed';
      for (const step of scenario.file.steps)
        for (const { publicKey } of step.expect ?? []) if (publicKey) publicKey.is = 'readable';
    },
    missed: ['honest-1.3/public-key/A', 'honest-1.2/public-key/A'],
  },
  {
    scenario: 'private-key',
    title: 'the public key is expected to be sealed under TLS 1.2 as well',
    edit(scenario) {
      for (const step of scenario.file.steps)
        for (const { publicKey } of step.expect ?? []) if (publicKey) publicKey.is = 'sealed';
    },
    missed: ['honest-1.2/public-key/A'],
  },
  {
    scenario: 'private-key',
    title: 'the permissions of the key are the other way round',
    edit(scenario) {
      for (const { keyFile } of scenario.file.steps)
        if (keyFile) keyFile.mode = keyFile.mode === '0600' ? '0644' : '0600';
    },
    missed: ['kept/key-readers', 'left-open/key-readers'],
  },
  {
    scenario: 'private-key',
    title: 'only the group may read the key: that is neither',
    edit(scenario) {
      for (const { keyFile } of scenario.file.steps) if (keyFile) keyFile.mode = '0640';
    },
    missed: ['kept/key-readers', 'left-open/key-readers'],
  },
  {
    scenario: 'private-key',
    title: 'the client trusts no CA above the impostor',
    edit: (scenario) => (clientOf(scenario, 'alice').trust = ['shop']),
    missed: ['impostor/admitted'],
  },
  {
    scenario: 'private-key',
    title: 'the careful client looks at no list',
    edit: (scenario) => delete clientOf(scenario, 'careful').revocations,
    missed: ['revoked/refused', 'revoked/login-sent'],
  },
  {
    scenario: 'private-key',
    title: 'the certificate of short life is not over yet',
    edit: (scenario) => (serverOf(scenario, 'late-impostor').certificate = 'shop'),
    missed: ['short-life/refused', 'short-life/login-sent'],
  },
  {
    scenario: 'private-key',
    title: 'the renewed shop goes on with the old certificate',
    edit: (scenario) => (serverOf(scenario, 'renewed-shop').certificate = 'shop'),
    missed: ['renewed/admitted'],
  },
  {
    scenario: 'private-key',
    title: 'the private key is sent in the login, in clear',
    async edit(scenario) {
      const world = (await worldOf(scenario)) ?? never('world');
      scenario.file.secrets['rrn'] = { value: world.identity('shop').key };
      serverOf(scenario, 'shop').security = 'plain';
    },
    missed: ['keys-never-on-wire'],
  },
  {
    scenario: 'redirect',
    title: 'the first address is typed with https',
    edit: (scenario) =>
      (visitOf(scenario, 'first-visit').types = ['https://shop.localhost/search?q=pregnancy-test']),
    missed: ['first-visit/clear-request/A'],
  },
  {
    scenario: 'redirect',
    title: 'the cookie is for TLS only from the beginning',
    edit: (scenario) => delete serverOf(scenario, 'shop').redirectSite,
    missed: ['second-visit/cookie-visible/session/A'],
  },
  {
    scenario: 'redirect',
    title: 'the cookie is for TLS only nowhere',
    edit: (scenario) => (serverOf(scenario, 'shop-secure').redirectSite = { secureCookie: false }),
    missed: ['secure-cookie/cookie-withheld/session/A'],
  },
  {
    scenario: 'redirect',
    title: 'the shop sends no HSTS',
    edit: (scenario) => delete serverOf(scenario, 'strict').redirectSite,
    missed: [
      'hsts-learned/visited',
      'hsts-known/no-clear-request/A',
      'hsts-against-stripping/no-clear-request/P',
      'hsts-against-stripping/visited',
    ],
  },
  {
    scenario: 'redirect',
    title: 'no list names the shop',
    edit: (scenario) => delete clientOf(scenario, 'dave').preloaded,
    missed: ['preloaded/no-clear-request/P', 'preloaded/visited'],
  },
  {
    scenario: 'redirect',
    title: 'the list names the shop for everybody',
    edit: (scenario) => (clientOf(scenario, 'carol').preloaded = ['shop.localhost']),
    missed: ['stripped-before-hsts/visited'],
  },
  {
    scenario: 'redirect',
    title: 'the relay strips nothing',
    edit(scenario) {
      for (const name of ['mallory', 'mallory-2']) proxyOf(scenario, name).pump = 'http';
    },
    missed: [
      'stripped/visited',
      'stripped/stripped/links/M',
      'stripped-before-hsts/visited',
      'stripped-before-hsts/stripped/hsts/P',
      'stripped-before-hsts/stripped/links/P',
    ],
  },
  {
    scenario: 'metadata',
    title: 'the pages are of one size from the beginning',
    edit: (scenario) => (serverOf(scenario, 'pharmacy').pageSite = { padTo: 6144 }),
    missed: ['catalogue/page-sizes', 'alice-1.3/pages-guessed/A', 'alice-1.2/pages-guessed/A'],
  },
  {
    scenario: 'metadata',
    title: 'the pages are not filled up enough',
    edit: (scenario) => (serverOf(scenario, 'padded').pageSite = { padTo: 2048 }),
    missed: [
      'padded-catalogue/page-sizes',
      'padded-alice-1.3/pages-hidden/B',
      'padded-alice-1.2/pages-hidden/B',
    ],
  },
  {
    scenario: 'metadata',
    title: 'TLS is expected to hide the name',
    edit(scenario) {
      for (const { expect = [] } of scenario.file.steps)
        for (const { eavesdropper } of expect) if (eavesdropper) eavesdropper.sees.site = 'sealed';
    },
    missed: ['alice-1.3/eavesdropper/site/A', 'padded-alice-1.2/eavesdropper/site/B'],
  },
  {
    scenario: 'bad-sites',
    title: 'the client does not verify',
    edit: (scenario) => (clientOf(scenario, 'alice').verify = false),
    missed: [
      'day-expired',
      'day-not-yet-valid',
      'name-wrong-host',
      'signer-self-signed',
      'signer-incomplete-chain',
      'purpose-wrong-usage',
      'purpose-leaf-as-ca',
      'purpose-critical-extension',
      'weak-sha1',
    ].flatMap((step) => [`${step}/refused`, `${step}/login-sent`, `${step}/predicted/node`]),
  },
  {
    scenario: 'bad-sites',
    title: 'bad sites are good ones after all',
    edit(scenario) {
      siteOf(scenario, 'expired').certificate = 'good';
      siteOf(scenario, 'incomplete-chain').chain = ['bad-sites-ca'];
      siteOf(scenario, 'tls-1-0').offers = {};
      siteOf(scenario, 'null').offers = {};
    },
    missed: [
      'day-expired/refused',
      'day-expired/predicted/node',
      'signer-incomplete-chain/chain',
      'signer-incomplete-chain/login-sent',
      'version-tls-1-0/login-sent',
      'version-tls-1-0/predicted/node',
      'suite-null/login-sent',
    ],
  },
  {
    scenario: 'bad-sites',
    title: 'good sites are bad ones',
    edit(scenario) {
      siteOf(scenario, 'good').certificate = 'expired';
      siteOf(scenario, 'rsa2048').certificate = 'good';
      siteOf(scenario, 'revoked').certificate = 'self-signed';
      siteOf(scenario, 'cbc').offers = { newest: '1.1', securityLevel: 0 };
      siteOf(scenario, 'tls-1-3').offers = { newest: '1.2' };
    },
    missed: [
      'good-good/admitted',
      'good-good/chain',
      'good-good/predicted/node',
      'good-rsa2048/chain',
      'revoked-revoked/admitted',
      'suite-cbc/admitted',
      'version-tls-1-3/handshake/A',
    ],
  },
  {
    scenario: 'k8s-pki',
    title: 'a client’s certificate is another user’s',
    edit: (scenario) => (clientOf(scenario, 'kubelet').certificate = 'scheduler.conf'),
    missed: ['used-by-kubelet/known', 'used-by-kubelet/says'],
  },
  {
    scenario: 'k8s-manifests',
    title: 'the flag of the certificate for kubelets stays in the manifest',
    edit: (scenario) => (manifestOf(scenario, 'no-kubelet-client').without = []),
    missed: ['no-kubelet-client/process-state', 'log-refused/answered', 'log-refused/says'],
  },
  {
    scenario: 'k8s-manifests',
    title: 'the flag of the CA for clients stays in the manifest',
    edit: (scenario) => (manifestOf(scenario, 'no-client-ca').without = []),
    missed: ['no-client-ca/process-state', 'nobody-known/unauthorized', 'nobody-known/says', 'turned-away/C'],
  },
  {
    scenario: 'k8s-manifests',
    title: 'the flag of the CA for etcd stays in the manifest',
    edit: (scenario) => (manifestOf(scenario, 'no-etcd-ca').without = []),
    missed: ['no-etcd-ca/process-state', 'no-server/says'],
  },
  {
    scenario: 'k8s-manifests',
    title: 'over the wire of the one with a token comes one with a certificate',
    edit(scenario) {
      const { kubelet, kubeProxy } = facts(scenario, 'kube-apiserver');
      if (kubelet && kubeProxy) [kubelet.wire, kubeProxy.wire] = [kubeProxy.wire, kubelet.wire];
    },
    missed: ['nobody-known/by-token/F'],
  },
  {
    scenario: 'k8s-manifests',
    title: 'the API server shows kubelets what is meant for etcd',
    edit(scenario) {
      const { kubelet } = serverOf(scenario, 'kube-apiserver').controlPlane ?? {};
      if (kubelet) kubelet.certificate = 'apiserver-etcd-client';
    },
    missed: ['log/presents/G', 'log/says', 'all-back/says'],
  },
  {
    scenario: 'k8s-manifests',
    title: 'a flag is not put back',
    edit(scenario) {
      manifestOf(scenario, 'put-back').without = ['kubelet-client-certificate'];
    },
    missed: ['put-back/process-state', 'all-back/says'],
  },
  {
    scenario: 'k8s-user',
    title: 'the request is for another group',
    edit(scenario) {
      const manifest = scenario.file.manifests?.['alice-csr.yaml'] ?? never('alice-csr.yaml');
      if ('request' in manifest) manifest.request.subject = 'O=ops,CN=alice';
    },
    missed: ['kubeconfig/built', 'forbidden/known'],
  },
  {
    scenario: 'k8s-user',
    title: 'no signer runs',
    edit(scenario) {
      delete serverOf(scenario, 'apiserver').controlPlane;
      scenario.file.stepTimeoutMs = 8000;
    },
    missed: ['issued/says'],
  },
  {
    scenario: 'k8s-user',
    title: 'everybody may view',
    edit(scenario) {
      kubectlOf(scenario, 'apply').runs =
        'create clusterrolebinding all --clusterrole=cluster-admin --group=system:authenticated';
      scenario.file.stepTimeoutMs = 8000;
    },
    missed: [
      'apply/says',
      'forbidden/answered',
      'forbidden/says',
      'not-everything/answered',
      'still-known/answered',
    ],
  },
  {
    scenario: 'k8s-user',
    title: 'the new CA is the old one',
    edit(scenario) {
      serverOf(scenario, 'apiserver-with-new-ca').clientAuthorities = ['ca'];
    },
    missed: ['new-ca/unauthorized', 'new-ca/says'],
  },
  {
    scenario: 'k8s-refused',
    title: 'the API server trusts the CA of etcd and the one of the same name',
    edit: (scenario) => (serverOf(scenario, 'apiserver').clientAuthorities = ['ca', 'etcd-ca', 'rogue-ca']),
    missed: ['etcd/unauthorized', 'etcd/says', 'same-name/unauthorized', 'same-name/says'],
  },
  {
    scenario: 'k8s-refused',
    title: 'no valid certificate is rejected',
    edit(scenario) {
      for (const name of ['bob-last-year', 'web']) clientOf(scenario, name).certificate = 'bob';
    },
    missed: ['last-year/unauthorized', 'server-certificate/unauthorized'],
  },
  {
    scenario: 'k8s-refused',
    title: 'the servers are the right ones',
    edit(scenario) {
      for (const name of ['fake', 'last-year', 'without-address'])
        serverOf(scenario, name).certificate = 'apiserver';
    },
    missed: [
      'fake-server/unasked',
      'server-of-last-year/unasked',
      'server-without-address/unasked',
      'fake-server/says',
      'server-of-last-year/says',
      'server-without-address/says',
    ],
  },
  {
    scenario: 'k8s-masters',
    title: 'the binding stays',
    edit: (scenario) => (kubectlOf(scenario, 'take-away').runs = 'get clusterrolebindings'),
    missed: ['take-away/answered', 'take-away/says', 'admin-without/answered', 'admin-without/says'],
  },
  {
    scenario: 'k8s-masters',
    title: 'the other administrator is of the same group',
    edit: (scenario) => (clientOf(scenario, 'super-admin').certificate = 'admin.conf'),
    missed: ['super-admin/known', 'super-admin-without/known', 'super-admin-without/answered'],
  },
  {
    scenario: 'k8s-new-ca',
    title: 'the CA that takes over is the old one',
    edit(scenario) {
      for (const id of ['all-at-once', 'new-server', 'replace-the-rest', 'take-out'])
        for (const { with: flags } of restartsOf(scenario, id))
          if (flags)
            Object.assign(flags, {
              ...(flags.certificate === undefined
                ? {}
                : { certificate: flags.certificate.replace('new-', '') }),
              ...(flags.trust ? { trust: ['ca'] } : {}),
              ...(flags.clientAuthorities ? { clientAuthorities: ['ca'] } : {}),
            });
      scenario.file.stepTimeoutMs = 6000;
    },
    missed: [
      'kubectl-notices/unasked',
      'kubectl-notices/says',
      'server-notices/unauthorized',
      'node-lost/known',
      'node-lost/shows/control-plane',
      'forgotten/unasked',
      'forgotten/says',
      'stolen-again/unauthorized',
    ],
  },
  {
    scenario: 'k8s-new-ca',
    title: 'nobody is given both',
    edit(scenario) {
      for (const { with: flags } of restartsOf(scenario, 'bundle'))
        for (const name of ['trust', 'rootAuthorities', 'clientAuthorities'] as const)
          if (flags?.[name]) flags[name] = ['ca'];
      for (const name of ['new-admin-with-both', 'admin-with-both']) clientOf(scenario, name).trust = ['ca'];
      scenario.file.stepTimeoutMs = 6000;
    },
    missed: [
      'pods-trust-both/says',
      'client-first/known',
      'client-first/shows/control-plane',
      'server-first/known',
      'server-first/shows/control-plane',
    ],
  },
  {
    scenario: 'k8s-new-ca',
    title: 'the old one stays',
    edit(scenario) {
      for (const { with: flags } of restartsOf(scenario, 'take-out'))
        for (const name of ['rootAuthorities', 'clientAuthorities'] as const)
          if (flags?.[name]) flags[name] = ['ca', 'new-ca'];
      scenario.file.stepTimeoutMs = 6000;
    },
    missed: ['stolen-again/unauthorized', 'stolen-again/says'],
  },
  {
    scenario: 'k8s-new-ca',
    title: 'the kubelet is forgotten when certificates are replaced',
    edit(scenario) {
      delete stepOf(scenario, 'replace-the-rest').restart?.also;
      scenario.file.stepTimeoutMs = 6000;
    },
    missed: ['in-order/node-shows/E', 'in-order/node-known/E'],
  },
  {
    scenario: 'k8s-csr-stuck',
    title: 'the requests are in order',
    edit(scenario) {
      const requests = scenario.file.manifests ?? {};
      for (const manifest of Object.values(requests)) {
        if (!('request' in manifest)) continue;
        manifest.request.signerName = 'kubernetes.io/kube-apiserver-client';
        manifest.request.usages = ['client auth'];
      }
      kubectlOf(scenario, 'deny').runs = 'certificate approve denied';
    },
    missed: [
      'wrong-usage-why/says',
      'deny/says',
      'change-of-mind/says',
      'all/custom/custom',
      'all/wrong-usage/wrong-usage',
      'all/denied/denied',
    ],
  },
  {
    scenario: 'k8s-front-proxy',
    title: 'every proxy is one that carries TLS through',
    edit(scenario) {
      for (const name of ['terminating', 'with-own-name', 'front-proxy', 'forgetful']) {
        const proxy = proxyOf(scenario, name);
        proxy.kind = 'passthrough';
        for (const part of ['certificate', 'clientAuthorities', 'remoteUser', 'towardsTarget'] as const)
          delete proxy[part];
      }
    },
    missed: [
      'terminating/known',
      'terminating/answered',
      'terminating/says',
      'everybody/known',
      'everybody/answered',
      'everybody-again/known',
      'forgetful/known',
      'forgetful/answered',
    ],
  },
  {
    scenario: 'k8s-front-proxy',
    title: 'no proxy says whom it has met',
    edit(scenario) {
      for (const name of ['front-proxy', 'forgetful']) delete proxyOf(scenario, name).remoteUser;
    },
    missed: [
      'front-proxy/known',
      'front-proxy/answered',
      'bob-claims-through/known',
      'bob-claims-through/answered',
      'forgetful/known',
      'forgetful/answered',
    ],
  },
  {
    scenario: 'k8s-front-proxy',
    title: 'the front proxy forgets and the other does not',
    edit(scenario) {
      proxyOf(scenario, 'front-proxy').remoteUser = 'added';
      proxyOf(scenario, 'forgetful').remoteUser = 'set';
    },
    missed: [
      'bob-claims-through/known',
      'bob-claims-through/answered',
      'forgetful/known',
      'forgetful/answered',
    ],
  },
  {
    scenario: 'k8s-front-proxy',
    title: 'an impersonated client is a front proxy, and vice versa',
    edit(scenario) {
      clientOf(scenario, 'bob').certificate = 'front-proxy-client';
      for (const name of ['front-proxy-client', 'metrics-proxy'])
        clientOf(scenario, name).certificate = 'bob';
    },
    missed: [
      'bob-claims/known',
      'bob-claims/answered',
      'without-headers/unauthorized',
      'without-headers/says',
      'not-on-the-list/unauthorized',
    ],
  },
  {
    scenario: 'k8s-front-proxy',
    title: 'the tunnel is no tunnel, and the proxies show other certificates',
    edit(scenario) {
      proxyOf(scenario, 'tunnel').kind = 'passthrough';
      proxyOf(scenario, 'terminating').towardsTarget = {
        security: 'mtls',
        trust: ['ca'],
        certificate: 'bob',
      };
      proxyOf(scenario, 'with-own-name').towardsTarget = { security: 'tls', trust: ['ca'] };
    },
    missed: ['tunnel/tunnelled', 'terminating/to-the-server/G', 'everybody/presents/I'],
  },
  {
    scenario: 'k8s-expiry',
    title: 'the server is renewed already, and the CA is the old one',
    edit(scenario) {
      serverOf(scenario, 'apiserver').certificate = 'renewed-apiserver';
      Object.assign(serverOf(scenario, 'made-anew'), {
        certificate: 'renewed-apiserver',
        clientAuthorities: ['ca'],
      });
    },
    missed: [
      'monday/unasked',
      'monday/says',
      'not-read-yet/unasked',
      'not-read-yet/says',
      'new-ca/unasked',
      'new-ca/says',
      'new-file/known',
    ],
  },
  {
    scenario: 'k8s-expiry',
    title: 'neither the copy nor the controller manager is from last year',
    edit(scenario) {
      clientOf(scenario, 'admin').certificate = 'renewed-admin.conf';
      clientOf(scenario, 'controller-manager').certificate = 'renewed-controller-manager.conf';
    },
    missed: [
      'look-away/unauthorized',
      'look-away/says',
      'old-copy/unauthorized',
      'old-copy/says',
      'turned-away/M',
    ],
  },
  {
    scenario: 'k8s-expiry',
    title: 'nothing is renewed',
    edit(scenario) {
      // Without its store the API server would not come up again.
      for (const file of stepOf(scenario, 'renew').renew?.files ?? [])
        if (!file.was.includes('etcd')) file.becomes = file.was;
      scenario.file.stepTimeoutMs = 2000;
    },
    missed: [
      'renew/holds/pki.apiserver.crt',
      'renew/holds/admin.conf',
      'restart-server/holds/pki.apiserver.crt',
      'old-copy/unauthorized',
      'new-copy/known',
      'new-copy/answered',
      'stuck/shows/alice',
      'restart-manager/holds/controller-manager.conf',
      'issued/shows/alice',
    ],
  },
  {
    scenario: 'k8s-pod',
    title: 'no scheduler runs',
    edit(scenario) {
      delete facts(scenario, 'kube-apiserver').scheduler;
      scenario.file.stepTimeoutMs = 2000;
    },
    missed: ['run/lit', 'where/state/web', 'where/node/web'],
  },
  {
    scenario: 'k8s-pod',
    title:
      'the controller manager and the scheduler come over each other’s wires, with each other’s certificates',
    edit(scenario) {
      const { controllerManager, scheduler } = facts(scenario, 'kube-apiserver');
      if (controllerManager) controllerManager.wire = 'D';
      if (scheduler) scheduler.wire = 'C';
    },
    missed: [
      'who-is-there/controller-manager-shows/C',
      'who-is-there/controller-manager-known/C',
      'who-is-there/scheduler-shows/D',
      'who-is-there/scheduler-known/D',
      'run/bound/D',
      'run/nothing-to-do/C',
    ],
  },
  {
    scenario: 'k8s-pod',
    title: 'the kubelet’s server is verified, and shows what it signed itself',
    edit: (scenario) => (kubeletOf(scenario, 'kube-apiserver').verifiedBy = ['ca']),
    missed: ['logs/says', 'logs/lit', 'logs/vouched/G'],
  },
  {
    scenario: 'k8s-pod',
    title: 'the API server uses another identity towards the kubelet',
    edit: (scenario) => (kubeletOf(scenario, 'kube-apiserver').certificate = 'scheduler.conf'),
    missed: ['logs/says', 'logs/client-face/G'],
  },
  {
    scenario: 'k8s-pod',
    title: 'no kube-proxy runs',
    edit(scenario) {
      delete facts(scenario, 'kube-apiserver').kubeProxy;
      scenario.file.stepTimeoutMs = 2000;
    },
    missed: ['service/lit'],
  },
  {
    scenario: 'k8s-pod',
    title: 'the administrator and the API server come as others',
    edit(scenario) {
      clientOf(scenario, 'kubectl').certificate = 'super-admin.conf';
      const { etcd } = facts(scenario, 'kube-apiserver');
      if (etcd) etcd.certificate = 'etcd-healthcheck-client';
    },
    missed: [
      'who-is-there/apiserver-at-etcd/B',
      'who-is-there/kubectl-shows/A',
      'who-is-there/kubectl-known',
    ],
  },
  {
    scenario: 'k8s-pod',
    title: 'the kubelet uses another identity, and no Pod is removed',
    edit(scenario) {
      clientOf(scenario, 'kubelet').certificate = 'scheduler.conf';
      scenario.file.stepTimeoutMs = 2000;
    },
    missed: ['who-is-there/kubelet-shows/E', 'who-is-there/kubelet-known/E', 'delete/lit'],
  },
  {
    scenario: 'k8s-kubelet',
    title: 'clients with a token, for a node, or to a kubelet have another identity',
    edit(scenario) {
      clientOf(scenario, 'token-holder').token = 'abcdef.fedcba9876543210';
      clientOf(scenario, 'other-node').certificate = 'admin.conf';
      kubeletOf(scenario, 'kube-apiserver').certificate = 'controller-manager.conf';
      scenario.file.stepTimeoutMs = 2000;
    },
    missed: [
      'token/known',
      'wants-name/known',
      'rotation/known',
      'rotation/presents/A',
      'logs/says',
      'logs/presents/G',
      'impostor/presents/G',
    ],
  },
  {
    scenario: 'k8s-kubelet',
    title: 'what the controller manager signs is of another CA',
    edit(scenario) {
      const { controllerManager } = facts(scenario, 'kube-apiserver');
      if (controllerManager) controllerManager.issuer = 'front-proxy-ca';
      scenario.file.stepTimeoutMs = 2000;
    },
    missed: ['joins/by-certificate/E', 'joins/registered/E', 'second-node/known/I'],
  },
  {
    scenario: 'k8s-kubelet',
    title: 'the guesser is right',
    edit: (scenario) => (clientOf(scenario, 'guesser').token = 'abcdef.0123456789abcdef'),
    missed: ['wrong-token/unauthorized', 'wrong-token/says'],
  },
  {
    scenario: 'k8s-kubelet',
    title: 'the requests are for those who ask',
    edit(scenario) {
      requestOf(scenario, 'wants-user.yaml').signerName = 'kubernetes.io/kube-apiserver-client-kubelet';
      requestOf(scenario, 'wants-user.yaml').subject = 'O=system:nodes,CN=system:node:third';
      requestOf(scenario, 'wants-user.yaml').usages = ['digital signature', 'client auth'];
      requestOf(scenario, 'wants-worker.yaml').subject = 'O=system:nodes,CN=system:node:control-plane';
      kubectlOf(scenario, 'wants-user').until = { resource: 'csr', name: 'wants-user', is: 'issued' };
      kubectlOf(scenario, 'wants-worker').until = { resource: 'csr', name: 'wants-worker', is: 'issued' };
    },
    missed: [
      'wants-user/unasked/C',
      'wants-worker/unasked/C',
      'all-requests/wants-user/wants-user',
      'all-requests/wants-worker/wants-worker',
    ],
  },
  {
    scenario: 'k8s-kubelet',
    title: 'who asks for another’s Secret and deletes another’s Pod is an administrator',
    edit(scenario) {
      for (const id of ['others-secret', 'others-pod']) kubectlOf(scenario, id).client = 'admin';
    },
    missed: ['others-secret/known', 'others-secret/answered', 'others-pod/answered'],
  },
  {
    scenario: 'k8s-kubelet',
    title: 'the API server that verifies kubelets does not',
    edit: (scenario) => delete kubeletOf(scenario, 'kube-apiserver-verifying').verifiedBy,
    missed: ['impostor-again/says', 'impostor-again/vouched/H'],
  },
  {
    scenario: 'k8s-kubelet',
    title: 'the second kubelet signs its server’s certificate itself',
    edit(scenario) {
      delete kubeletOf(scenario, 'kube-apiserver-verifying').serving;
      scenario.file.stepTimeoutMs = 2000;
    },
    missed: ['nothing-to-show/says', 'approve/says', 'verified/says', 'verified/vouched/H'],
  },
  {
    scenario: 'k8s-kubelet',
    title: 'no proxy is in between',
    edit(scenario) {
      for (const id of ['impostor', 'impostor-again']) delete kubectlOf(scenario, id).diverted;
    },
    missed: ['impostor/says', 'impostor-again/says', 'impostor-again/vouched/H'],
  },
  {
    scenario: 'k8s-expiry',
    title: 'what is shown on the wire to etcd is in order',
    edit(scenario) {
      serverOf(scenario, 'etcd').certificate = 'renewed-etcd-server';
      Object.assign(serverOf(scenario, 'apiserver').controlPlane?.etcd ?? never('etcd'), {
        certificate: 'renewed-apiserver-etcd-client',
        connectedDaysAgo: undefined,
      });
      clientOf(scenario, 'healthcheck').certificate = 'renewed-etcd-healthcheck-client';
    },
    missed: ['store-lost/answered', 'store-lost/says', 'other-half/rejected', 'other-half/says'],
  },
  {
    scenario: 'k8s-expiry',
    title: 'etcd is not restarted',
    edit(scenario) {
      scenario.file.steps = scenario.file.steps.filter(({ id }) =>
        ['monday', 'still-there', 'store-lost'].includes(id),
      );
    },
    missed: ['store-lost/answered', 'store-lost/says'],
  },
  {
    scenario: 'k8s-expiry',
    title: 'one end of the wire to etcd is not renewed',
    edit(scenario) {
      const { renew } = stepOf(scenario, 'renew');
      if (renew) renew.files = renew.files.filter(({ was }) => was !== 'apiserver-etcd-client');
      scenario.file.steps = scenario.file.steps.slice(
        0,
        scenario.file.steps.findIndex(({ id }) => id === 'store-back') + 1,
      );
    },
    missed: ['store-back/answered', 'store-back/says'],
  },
  {
    scenario: 'k8s-etcd',
    title: 'etcd has no TLS',
    edit(scenario) {
      for (const name of ['etcd', 'etcd-one-ca'])
        Object.assign(serverOf(scenario, name), { security: 'plain' });
    },
    missed: [
      'secret-sealed/sealed/password/B',
      'one-ca-secret/sealed/password/N',
      ...['nothing', 'admin', 'last-year', 'server-only'].flatMap((who) => [
        `${who}-at-etcd/rejected`,
        `${who}-at-etcd/says`,
      ]),
    ],
  },
  {
    scenario: 'k8s-etcd',
    title: 'the first etcd has TLS, too',
    edit(scenario) {
      Object.assign(serverOf(scenario, 'etcd-open'), {
        security: 'mtls',
        certificate: 'etcd-server',
        clientAuthorities: ['etcd-ca'],
      });
      Object.assign(serverOf(scenario, 'apiserver-before').controlPlane?.etcd ?? never('etcd'), {
        certificate: 'apiserver-etcd-client',
        trust: ['etcd-ca'],
      });
    },
    missed: ['secret-before/visible/password/Q', 'anybody-reads/visible/password/R', 'anybody-reads/says'],
  },
  {
    scenario: 'k8s-etcd',
    title: 'the Secret has another password',
    edit: anotherPassword,
    missed: [
      'secret-before/visible/password/Q',
      'anybody-reads/visible/password/R',
      'anybody-reads/says',
      'in-etcd/says',
      'bob-goes-behind/says',
    ],
  },
  {
    scenario: 'k8s-etcd',
    title: 'etcd believes the CA of the cluster',
    edit: (scenario) => (serverOf(scenario, 'etcd').clientAuthorities = ['ca', 'etcd-ca']),
    missed: ['admin-at-etcd/rejected', 'admin-at-etcd/says'],
  },
  {
    scenario: 'k8s-etcd',
    title: 'the certificates of last year and for servers are in order',
    edit(scenario) {
      for (const name of ['last-year', 'server-only'])
        clientOf(scenario, name).certificate = 'apiserver-etcd-client';
    },
    missed: [
      'last-year-at-etcd/rejected',
      'last-year-at-etcd/says',
      'server-only-at-etcd/rejected',
      'server-only-at-etcd/says',
      'last-year-at-apiserver/unauthorized',
    ],
  },
  {
    scenario: 'k8s-etcd',
    title: 'the API server believes the CA of etcd',
    edit: (scenario) => (serverOf(scenario, 'apiserver').clientAuthorities = ['ca', 'etcd-ca']),
    missed: ['healthcheck-at-apiserver/unauthorized', 'healthcheck-at-apiserver/says'],
  },
  {
    scenario: 'k8s-etcd',
    title: 'the second API server has an etcd of its own',
    edit(scenario) {
      scenario.file.servers['etcd-two'] = structuredClone(serverOf(scenario, 'etcd'));
      Object.assign(serverOf(scenario, 'apiserver-two').controlPlane?.etcd ?? never('etcd'), {
        server: 'etcd-two',
        certificate: 'etcd-healthcheck-client',
      });
    },
    missed: ['external-asked/presents/E', 'external-asked/says'],
  },
  {
    scenario: 'k8s-etcd',
    title: 'the third etcd has a CA of its own, after all',
    edit: (scenario) => (serverOf(scenario, 'etcd-one-ca').clientAuthorities = ['etcd-ca']),
    missed: ['bob-goes-behind/says'],
  },
  {
    scenario: 'k8s-etcd',
    title: 'what is kept of an external etcd is another certificate',
    edit(scenario) {
      const { steps } = scenario.file;
      const swap = {
        id: 'swap',
        renew: {
          client: 'admin',
          files: [{ was: 'apiserver-etcd-client', becomes: 'etcd-healthcheck-client' }],
        },
      };
      steps.splice(
        steps.findIndex(({ id }) => id === 'external-files'),
        0,
        swap,
      );
    },
    missed: ['external-files/holds/pki.apiserver-etcd-client.crt'],
  },
  {
    scenario: 'k8s-etcd',
    title: 'etcd’s certificate is for both sides',
    edit: (scenario) => (serverOf(scenario, 'etcd-server-only').certificate = 'etcd-server'),
    missed: ['refuses-itself/says', 'refuses-itself/rejected'],
  },
  {
    scenario: 'k8s-encryption',
    title: 'the API server never encrypts',
    edit(scenario) {
      for (const { encrypt } of scenario.file.steps)
        if (encrypt) encrypt.providers = [{ provider: 'identity' }];
    },
    missed: [
      'switched-on/encrypts',
      'new-key/encrypts',
      'old-key-gone/encrypts',
      'old-key-back/encrypts',
      'encrypted/says',
      'disk-again/on-disk/new-password',
      'under-new-key/says',
      'one-left-behind/answered',
      'one-left-behind/says',
    ],
  },
  {
    scenario: 'k8s-encryption',
    title: 'it encrypts from the beginning',
    edit(scenario) {
      const { steps } = scenario.file;
      const at = steps.findIndex(({ id }) => id === 'switched-on');
      scenario.file.steps = [...steps.slice(at, at + 1), ...steps.filter((_, index) => index !== at)];
    },
    missed: [
      'in-etcd/says',
      'on-disk/on-disk/old-password',
      'still-clear/says',
      'disk-again/on-disk/old-password',
    ],
  },
  {
    scenario: 'k8s-encryption',
    title: 'the Secret is not written again',
    edit: (scenario) => (stepOf(scenario, 'rewritten').kubectl!.runs = 'get secrets'),
    missed: ['rewritten/says', 'encrypted/says'],
  },
  {
    scenario: 'k8s-encryption',
    title: 'the old key stays',
    edit: (scenario) =>
      (stepOf(scenario, 'old-key-gone').encrypt!.providers = stepOf(scenario, 'new-key').encrypt!.providers),
    missed: ['old-key-gone/encrypts', 'one-left-behind/answered', 'one-left-behind/says'],
  },
  {
    scenario: 'k8s-encryption',
    title: 'the Secret has another password',
    edit: anotherPassword,
    missed: [
      'in-etcd/says',
      'on-disk/on-disk/old-password',
      'still-clear/says',
      'disk-again/on-disk/old-password',
      'by-the-front-door/says',
    ],
  },
];

for (const { scenario: name, title, edit, missed } of shareOf(mutations, 12, ({ scenario }) =>
  scenario.startsWith('k8s-'),
)) {
  test(`${name}: ${title}`, async (t) => {
    const scenario = await compiled(name);
    if (name === 'plaintext') {
      const { certificates } = await compiled('tls');
      if (certificates) scenario.certificates = certificates;
    }
    const before = JSON.stringify(scenario);
    await edit(scenario);
    t.not(JSON.stringify(scenario), before, 'the mutation changes nothing');
    const { verdict, statuses } = await perform(scenario);
    t.is(verdict.status, 'failed');
    for (const id of missed) {
      const says = verdict.findings.find(({ expectation }) => expectation === id)?.says.en;
      t.is(statuses[id], 'missed', `${id}: ${says}`);
    }
  });
}

withPeer(
  'kubectl',
  'k8s-expiry: a missing alert is missed, and none is claimed of a program other than kubectl',
  async (t) => {
    const scenario = await compiled('k8s-expiry');
    serverOf(scenario, 'apiserver').certificate = 'renewed-apiserver';
    scenario.file.steps = scenario.file.steps.filter(({ id }) => id === 'monday' || id === 'new-ca');
    delete scenario.file.expect;
    const { statuses } = await perform(scenario, { variables: process.env });
    t.is(statuses['monday/alerted'], 'missed');
    t.is(statuses['new-ca/alerted'], 'met');
    t.is((await perform(scenario)).statuses['new-ca/alerted'], undefined);
  },
);

test('chain: an absent name is unobserved where the search finds nothing at all', async (t) => {
  const scenario = await compiled('chain');
  for (const { expect } of scenario.file.steps)
    for (const { trusts } of expect ?? []) if (trusts) trusts.names = ['No Such Authority'];
  const { statuses } = await perform(scenario);
  t.is(statuses['store/trusts/No-Such-Authority'], 'missed');
  t.is(statuses['store/trusts/Symantec'], 'unobserved');
});

test('chain: a client that does not report its chain leaves it unobserved', async (t) => {
  const scenario = await compiled('chain');
  for (const { login } of scenario.file.steps) if (login) delete login.chain;
  const { statuses, verdict } = await perform(scenario);
  t.is(verdict.status, 'failed');
  t.is(statuses['whole-1.3/chain'], 'unobserved');
});

test('metadata: a client that reports other pages or times than were captured is not believed', async (t) => {
  const { plan, log } = await perform(await compiled('metadata'));
  const expected = async (
    alter: (request: PageRequest, index: number, all: readonly PageRequest[]) => PageRequest,
  ): Promise<Record<string, string>> => {
    const events = log.events.map((event): CaptureEvent => {
      if (event.type !== 'observed' || event.who !== 'alice' || event.result.kind !== 'visit') return event;
      return { ...event, result: { ...event.result, requests: event.result.requests.map(alter) } };
    });
    const judge = await createJudge(features, { plan, source: { events } });
    for (const event of events) judge.fold(event);
    return Object.fromEntries(
      judge.verdict().findings.map(({ expectation, status }) => [expectation, status]),
    );
  };
  const steps = ['alice-1.3', 'alice-1.2', 'padded-alice-1.3', 'padded-alice-1.2'] as const;
  const honest = await expected((request) => request);
  for (const id of steps)
    t.is(honest[`${id}/longest-look/${id.startsWith('padded') ? 'B' : 'A'}`], 'met', id);
  // The page viewed longest is reported as skipped.
  const timed = await expected((request, _index, all) => {
    const longest = Math.max(...all.map(({ lookedAtMs = 0 }) => lookedAtMs));
    return { ...request, lookedAtMs: request.lookedAtMs === longest ? 1 : 60_000 };
  });
  for (const id of steps)
    t.is(timed[`${id}/longest-look/${id.startsWith('padded') ? 'B' : 'A'}`], 'missed', id);
  const turned = await expected((request, index, all) => ({
    ...request,
    title: all[all.length - 1 - index]?.title ?? '',
  }));
  for (const id of ['alice-1.3', 'alice-1.2']) t.is(turned[`${id}/pages-guessed/A`], 'missed', id);
  const invented = await expected((request) => ({ ...request, title: 'Nothing' }));
  for (const id of ['padded-alice-1.3', 'padded-alice-1.2'])
    t.is(invented[`${id}/pages-hidden/B`], 'unobserved', id);
});

test('client-refusals: what was not offered or never revoked is unobserved', async (t) => {
  const scenario = await compiled('client-refusals');
  for (const { login } of scenario.file.steps) {
    if (!login) continue;
    delete login.resume;
    delete login.revokedMeanwhile;
  }
  const { statuses, verdict } = await perform(scenario);
  t.is(verdict.status, 'failed');
  for (const id of [
    'while-connected-laptop-1.3/served-after-revocation',
    'while-connected-phone-1.2/served-after-revocation',
    'resumption-laptop-1.3/agreed/declined/A',
    'resumption-phone-1.2/agreed/declined/A',
  ]) {
    t.is(statuses[id], 'unobserved', id);
  }
});

test('key-exchange: what cannot be shown to have been encrypted is unobserved', async (t) => {
  const scenario = await compiled('key-exchange');
  const padlock = toyLoginOf(scenario, 'padlock');
  padlock.guesses = ['password', 'letmein'];
  const inVain = scenario.file.steps.find(({ id }) => id === 'stolen-in-vain')?.theft ?? never('theft');
  inVain.key = 'shop-renewed';
  const { statuses, verdict } = await perform(scenario);
  t.is(verdict.status, 'failed');
  for (const id of [
    'padlock/overheard/password/C',
    'stolen-in-vain/opened/password',
    'stolen-in-vain/opened/rrn',
  ])
    t.is(statuses[id], 'unobserved', id);
});

test('key-exchange: from a server without its ticket keys in the settings, only the private key is stolen', async (t) => {
  const scenario = await compiled('key-exchange');
  const inVain = scenario.file.steps.find(({ id }) => id === 'stolen-in-vain')?.theft ?? never('theft');
  delete inVain.key;
  Object.assign(inVain, { stolenFrom: 'shop', ticketKeys: true });
  const { statuses, verdict } = await perform(scenario);
  t.is(verdict.status, 'passed');
  t.is(statuses['stolen-in-vain/opened/password'], 'met');
});

test('key-exchange: failed attempts prove nothing without a twin in which they succeed', async (t) => {
  const scenario = await compiled('key-exchange');
  const expected =
    scenario.file.steps.find(({ id }) => id === 'padlock')?.expect?.find(({ overheard }) => overheard)
      ?.overheard ?? never('expectation');
  delete expected.twin;
  t.is((await perform(scenario)).statuses['padlock/overheard/password/C'], 'unobserved');
  expected.twin = 'padlock';
  t.is((await perform(scenario)).statuses['padlock/overheard/password/C'], 'unobserved');
});

test('csr: what was not requested, and what was issued nowhere else, proves nothing', async (t) => {
  const scenario = await compiled('csr');
  for (const { enrol } of scenario.file.steps)
    if (enrol?.asks) enrol.asks = { names: enrol.asks.names.filter((name) => !name.includes('*')) };
  for (const id of ['another-name', 'impostor', 'borrowed-key']) {
    for (const { notIssued } of scenario.file.steps.find((step) => step.id === id)?.expect ?? [])
      if (notIssued) notIssued.twin = 'self-signed';
  }
  const { statuses, verdict } = await perform(scenario);
  t.is(verdict.status, 'failed');
  for (const right of ['ca', 'wildcard', 'subject', 'keyUsage', 'extendedKeyUsage'])
    t.is(statuses[`too-much/issued/withheld/${right}`], 'unobserved', right);
  for (const id of ['another-name', 'impostor', 'borrowed-key'])
    t.is(statuses[`${id}/not-issued`], 'unobserved', id);
});

test('csr: without the bytes nothing is proven', async (t) => {
  const { statuses } = await perform(await compiled('csr'), { maxPayload: 200 });
  t.not(statuses['request/issued'], 'met');
  t.not(statuses['impostor/not-issued'], 'met');
});

test('handshake: captured packets prove an opening only where each number is acknowledged by the next', async (t) => {
  const [syn, answer, last] = capturedOpening.packets;
  const changed: Readonly<Record<string, TcpOpening['packets']>> = {
    'the SYN is not answered': [
      syn,
      { ...answer, captured: { ...answer.captured, acknowledged: syn.captured.sequence } },
      last,
    ],
    'the answer is not answered': [
      syn,
      answer,
      { ...last, captured: { ...last.captured, acknowledged: answer.captured.sequence } },
    ],
    'the third counts from elsewhere': [
      syn,
      answer,
      { ...last, captured: { ...last.captured, sequence: syn.captured.sequence } },
    ],
    'the third ends it': [syn, answer, { ...last, flags: ['RST', 'ACK'] }],
    'the answer has no SYN': [syn, { ...answer, flags: ['ACK'] }, last],
    'the client answers itself': [syn, { ...answer, from: 'client' }, last],
    'two packets': [syn, answer],
    'four packets': [syn, answer, last, last],
    'packets that were not captured': capturedOpening.packets.map(({ from, flags }) => ({ from, flags })),
  };
  const scenario = await compiled('handshake');
  scenario.file.steps = scenario.file.steps.filter(({ id }) => id === 'line');
  const statusOf = async (opening: TcpOpening): Promise<string | undefined> =>
    (await perform(scenario, { opening })).statuses['line/three-packets'];
  t.is(await statusOf(capturedOpening), 'met');
  t.is(
    await statusOf({ ...capturedOpening, packets: [syn, answer, { ...last, flags: ['PSH', 'ACK', 'ECE'] }] }),
    'met',
  );
  for (const [what, packets] of Object.entries(changed))
    t.is(await statusOf({ ...capturedOpening, packets }), 'missed', what);
});

test('handshake: a connection that failed, was not tapped, or carried data does not count', async (t) => {
  const scenario = await compiled('handshake');
  const plan = planScenario(features, scenario);
  const [from, to] = [
    { host: '127.0.0.1', port: 40_000 },
    { host: '127.0.0.1', port: 443 },
  ];
  const report = {
    kind: 'tcp-opening',
    origin: 'reconstructed',
    from,
    client: from,
    server: to,
    packets: [],
  } as const;
  const opened = { type: 'opened', conn: 1, hop: 'A', transport: 'tcp', from, to } as const;
  const closed = { type: 'closed', conn: 1, hop: 'A', by: 'client', how: 'end' } as const;
  const observed = { type: 'observed', who: 'customer', result: report } as const;
  const said = {
    type: 'bytes',
    conn: 1,
    hop: 'A',
    vantage: 'wire',
    from: 'server',
    bytes: Buffer.from('220 hello'),
  } as const;
  const statusAfter = async (drafts: readonly CaptureDraft[]): Promise<string | undefined> => {
    const log = new CaptureLog({ clock: systemClock });
    const judge = await createJudge(features, { plan, source: log });
    log.subscribe(judge.fold);
    log.append({ type: 'began', version: '0', wallClock: '', topology: { participants: [], wires: [] } });
    log.append({ type: 'step', id: 'line', state: 'started' });
    for (const draft of drafts) log.append(draft);
    log.append({ type: 'step', id: 'line', state: 'done' });
    return judge.verdict().findings.find(({ expectation }) => expectation === 'line/three-packets')?.status;
  };
  t.is(await statusAfter([opened, closed, observed]), 'met');
  t.is(await statusAfter([opened, said, closed, observed]), 'missed');
  t.is(
    await statusAfter([
      {
        ...observed,
        result: { kind: 'tcp-opening', origin: 'none', error: { code: 'ECONNREFUSED', message: '' } },
      },
    ]),
    'missed',
  );
  t.is(await statusAfter([observed]), 'unobserved');
  t.is(await statusAfter([{ ...opened, from: { ...from, port: 40_001 } }, closed, observed]), 'unobserved');
  t.is(await statusAfter([opened, closed]), 'unobserved');
});

test('fake-site: an impostor without a login proves nothing if it never got one, nor does an answer that was not captured', async (t) => {
  const scenario = await compiled('fake-site');
  delete clientOf(scenario, 'careless').verify;
  const { statuses } = await perform(scenario);
  t.is(statuses['meets-self-signed-careful/kept/password'], 'unobserved');
  t.is(statuses['meets-own-ca-pinning/kept/rrn'], 'unobserved');
  const silent = await compiled('fake-site');
  // Nobody answers there: an impostor speaks no DNS.
  silent.file.servers['dns'] = { kind: 'impostor' };
  silent.file.steps.splice(1);
  silent.file.stepTimeoutMs = 200;
  const { statuses: unanswered, verdict } = await perform(silent);
  t.is(verdict.status, 'failed');
  t.is(unanswered['truth-careful/led-to'], 'unobserved');
  t.is(unanswered['truth-careful/admitted'], 'missed');
});
