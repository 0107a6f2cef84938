/**
 * Requests a certificate through the Certificates API, like a kubelet: creates a key and a request, and waits until it
 * is signed, denied or deleted. `certificate-controller.ts` or a person approves and signs.
 */
import { defined } from '../../core/defined.ts';
import { createPrivateKey } from 'node:crypto';
import { readCertificate } from '../../protocols/x509/certificate.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import { keyPem } from '../../pki/kubeadm/issue.ts';
import { pemCertificates } from '../../pki/keystore/pem.ts';
import { makeRequest } from '../../pki/ca/request.ts';
import type { Identity } from '../../wire/endpoint.ts';
import type { ApiClient } from './api-client.ts';
import {
  certificatesGroup,
  certificatesResource,
  hasCondition,
  statusOf,
} from '../certificates/request-fields.ts';
import { ApiFailure } from '../objects/objects.ts';
import type { KubeObject } from '../objects/objects.ts';
import { failureOf } from './asking.ts';
import type { DisconnectedReport } from './asking.ts';
import { isNamed, keepInformed, Known } from './informer.ts';
import type { Retrying } from './informer.ts';

export interface Asked {
  readonly signerName: string;
  readonly organization: string;
  readonly commonName: string;
  /** `DNS:…`, `IP:…`. */
  readonly san?: readonly string[];
  readonly usages: readonly string[];
}

export interface RequestedReport {
  readonly what: 'requested';
  /** The request's name: `csr-5vx2k`. */
  readonly name: string;
  readonly signerName: string;
}

const collection = `/apis/${certificatesGroup}/v1/${certificatesResource}`;

/** @throws ApiFailure in the server's words, or where the request was denied, has failed or is gone; and what `ApiClient.call` throws. */
export async function obtainCertificate(
  client: ApiClient,
  asked: Asked,
  options: Omit<Retrying, 'onReport'> & {
    readonly onReport: (report: RequestedReport | DisconnectedReport) => void;
  },
  signal: AbortSignal,
): Promise<Identity> {
  const { signerName, organization, commonName, san, usages } = asked;
  const { request, key } = makeRequest({
    subject: [
      ['O', organization],
      ['CN', commonName],
    ],
    ...defined({ san }),
    key: 'P-256',
  });
  const object = {
    apiVersion: `${certificatesGroup}/v1`,
    kind: 'CertificateSigningRequest',
    metadata: { generateName: 'csr-' },
    spec: { request: Buffer.from(request).toString('base64'), signerName, usages },
  };
  const answer = await client.call('POST', collection, signal, object);
  if (answer.status !== 201 || !isNamed(answer.body)) throw failureOf(answer);
  const { name } = answer.body.metadata;
  options.onReport({ what: 'requested', name, signerName });
  const certificate = await issued(client, name, options, signal);
  return { certificate, key: keyPem(createPrivateKey(key)) };
}

async function issued(
  client: ApiClient,
  name: string,
  options: Retrying,
  signal: AbortSignal,
): Promise<string> {
  const over = new AbortController();
  let outcome: string | ApiFailure | undefined;
  const end = (found: string | ApiFailure): void => {
    outcome ??= found;
    over.abort();
  };
  const look = (object: KubeObject, isGone: boolean): void => {
    const status = statusOf(object);
    if (status.certificate !== undefined) end(Buffer.from(status.certificate).toString());
    else if (isGone) end(new ApiFailure('NotFound', `the request ${name} is gone`));
    else
      for (const type of ['Denied', 'Failed'])
        if (hasCondition(status, type))
          end(
            new ApiFailure(
              'Forbidden',
              `the request ${name} is ${type}: ${status.conditions.find((one) => one.type === type)?.message ?? ''}`,
            ),
          );
  };
  const listed = (count: number): void => {
    if (count === 0) end(new ApiFailure('NotFound', `the request ${name} is gone`));
  };
  await keepInformed(
    client,
    { path: collection, query: `fieldSelector=metadata.name%3D${name}` },
    new Known(look, listed),
    options,
    AbortSignal.any([signal, over.signal]),
  );
  if (typeof outcome === 'string') return outcome;
  throw outcome ?? (signal.reason as Error);
}

/** The leaf of an identity; undefined where it cannot be read. */
export function leafOf({ certificate }: Pick<Identity, 'certificate'>): Certificate | undefined {
  const [der] = pemCertificates(certificate);
  const step = der ? readCertificate(der) : undefined;
  return step && 'got' in step ? step.got : undefined;
}

/** When a certificate is to be replaced: when 70 to 90 % of its life are over (client-go, util/certificate). @param chance from 0 to 1. */
export function rotationTime(
  { notBefore, notAfter }: Pick<Certificate, 'notBefore' | 'notAfter'>,
  chance: number,
): number {
  return Math.round(notBefore + (notAfter - notBefore) * (0.7 + 0.2 * chance));
}
