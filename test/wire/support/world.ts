/** The certificates of these tests, issued when a test file is loaded. */
import { systemClock } from '../../../src/core/clock.ts';
import { issueWorld } from '../../../src/pki/ca/issue.ts';
import type { CertificateRow, Recipe } from '../../../src/pki/ca/recipe.ts';
import type { World } from '../../../src/pki/keystore/world.ts';

const names = ['DNS:shop.localhost', 'IP:127.0.0.1'];

function client(
  flaws: NonNullable<CertificateRow['flaws']> = [],
  more: Partial<CertificateRow> = {},
): CertificateRow {
  return {
    profile: 'client',
    issuer: 'client-ca',
    subject: { CN: 'alice', O: 'Workshop', OU: 'People' },
    flaws,
    ...more,
  };
}

function server(
  flaws: NonNullable<CertificateRow['flaws']> = [],
  more: Partial<CertificateRow> = {},
): CertificateRow {
  return {
    profile: 'server',
    issuer: 'server-ca',
    subject: { CN: 'shop.localhost' },
    san: names,
    flaws,
    ...more,
  };
}

const recipe: Recipe = {
  certificates: {
    'server-ca': { profile: 'root', subject: { CN: 'Server CA', O: 'Workshop' } },
    'client-ca': { profile: 'root', subject: { CN: 'Client CA', O: 'Workshop' } },
    'rogue-ca': { profile: 'root', subject: { CN: 'Rogue CA', O: 'Rogue' } },
    'client-intermediate': {
      profile: 'intermediate',
      issuer: 'client-ca',
      subject: { CN: 'Client Intermediate', O: 'Workshop' },
    },
    'server-intermediate': {
      profile: 'intermediate',
      issuer: 'server-ca',
      subject: { CN: 'Server Intermediate', O: 'Workshop' },
    },
    server: server(),
    'server-rogue': server([], { issuer: 'rogue-ca' }),
    'server-expired': server(['expired']),
    'server-not-yet-valid': server(['not-yet-valid']),
    'server-wrong-name': server(['wrong-name']),
    'server-wrong-usage': server(['wrong-usage']),
    'server-self-signed': server(['self-signed']),
    'server-missing-intermediate': server(['missing-intermediate'], { issuer: 'server-intermediate' }),
    // Node has no name of its own for OpenSSL's verdict on this one.
    'server-critical-extension': server(['unknown-critical-extension']),
    'old-intermediate': {
      profile: 'intermediate',
      issuer: 'server-ca',
      subject: { CN: 'Old Intermediate', O: 'Workshop' },
      flaws: ['expired'],
    },
    'server-below-old-intermediate': server([], { issuer: 'old-intermediate' }),
    'server-below-intermediate': server([], { issuer: 'server-intermediate' }),
    alice: client(),
    'alice-below-intermediate': client([], { issuer: 'client-intermediate' }),
    'alice-missing-intermediate': client(['missing-intermediate'], { issuer: 'client-intermediate' }),
    mallory: client([], { issuer: 'rogue-ca', subject: { CN: 'mallory' } }),
    bob: client([], { subject: { CN: 'bob' }, san: ['URI:spiffe://workshop/team/bob', 'DNS:bob.localhost'] }),
    'alice-expired': client(['expired']),
    'alice-not-yet-valid': client(['not-yet-valid']),
    'alice-wrong-usage': client(['wrong-usage']),
    'alice-revoked': client(['revoked']),
    'alice-self-signed': client(['self-signed']),
  },
  revocations: { 'client-ca': {}, 'client-intermediate': {} },
};

export function makeWorld(): World {
  return issueWorld(recipe, { clock: systemClock });
}
