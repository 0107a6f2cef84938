/**
 * Implements the rules of certificates.k8s.io/v1: which fields of a CertificateSigningRequest a client may set, and who
 * may approve and sign it, with kube-apiserver's messages (422 with causes, 403). Pure except for the given authorizer.
 * `signer.ts` creates certificates; the API server stores objects.
 *
 * 1. The request belongs to the requestor: the server records the user, and the spec is immutable.
 * 2. The conditions Approved and Denied are written only through /approval, the certificate only through /status: a
 *    client's changes to them elsewhere are reverted, or refused if they add one.
 * 3. A decision is final: conditions cannot be removed, Approved and Denied exclude each other, a certificate cannot be
 *    replaced.
 */
import { defined } from '../../core/defined.ts';
import { readCertificate } from '../../protocols/x509/certificate.ts';
import { scanPem } from '../../pki/keystore/pem.ts';
import type { Authorize, User } from '../apiserver/attributes.ts';
import {
  duplicate,
  forbiddenField,
  invalid,
  invalidObject,
  notSupported,
  required,
} from '../objects/field-error.ts';
import { quoted } from '../objects/go/quoted.ts';
import { nilBytes } from '../objects/go/values.ts';
import type { FieldError } from '../objects/field-error.ts';
import { forbiddenObject } from '../authz/forbidden.ts';
import type { KubeObject } from '../objects/objects.ts';
import { readPemRequest } from './signing-request.ts';
import {
  certificatesGroup,
  certificatesResource,
  kind,
  plainOf,
  specOf,
  statusOf,
} from './request-fields.ts';
import type { RequestSpec, RequestCondition, RequestStatus, Plain } from './request-fields.ts';
import { signers, signerNameErrors } from './signer-names.ts';

/** Every valid usage, in alphabetical order, as in the refusal of an unknown one. */
export const keyUsages = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
] as const;

export type CertificateKeyUsage = (typeof keyUsages)[number];

/**
 * The stored form of a request that a user creates: with that user, and undecided, whatever the client sent.
 * @throws ApiFailure 400, 422, or 403 for a client certificate of system:masters.
 */
export function createRequest(object: KubeObject, user: User): KubeObject {
  const { uid, extra, name, groups } = user;
  const asked = plainOf(object['spec'], 'spec');
  const { username: _username, uid: _uid, groups: _groups, extra: _extra, ...spec } = asked;
  const prepared: KubeObject = {
    ...object,
    spec: {
      ...spec,
      username: name,
      ...defined({ uid: uid || undefined }),
      groups: [...groups],
      ...defined({ extra }),
    },
    status: {},
  };
  const own = specOf(prepared);
  const read = readPemRequest(own.request);
  const errors = [
    ...specErrors(own, read, typeof asked['request'] === 'string'),
    ...statusErrors(statusOf(prepared), undefined),
  ];
  if (errors.length > 0) throw invalidObject(kind, certificatesGroup, object.metadata.name, errors);
  restrictSubject(prepared, own, read);
  return prepared;
}

const mostUsages = keyUsages.length + 1;

type Read = ReturnType<typeof readPemRequest>;

function specErrors(
  { request, usages, signerName, expirationSeconds }: RequestSpec,
  read: Read,
  isSent: boolean,
): FieldError[] {
  const errors: FieldError[] = [];
  if ('fault' in read) errors.push(invalid('spec.request', isSent ? request : nilBytes, read.fault));
  if (usages.length === 0) errors.push(required('spec.usages'));
  const looked = usages.slice(0, mostUsages);
  for (const [index, usage] of looked.entries())
    if (!keyUsages.some((one) => one === usage))
      errors.push(notSupported(`spec.usages[${index}]`, usage, keyUsages));
  for (const [index, usage] of looked.entries())
    if (usages.indexOf(usage) < index) errors.push(duplicate(`spec.usages[${index}]`, usage));
  errors.push(...signerNameErrors(signerName));
  if (expirationSeconds !== undefined && expirationSeconds < 600) {
    errors.push(
      invalid(
        'spec.expirationSeconds',
        expirationSeconds,
        'may not specify a duration less than 600 seconds (10 minutes)',
      ),
    );
  }
  return errors;
}

const decisions = ['Approved', 'Denied', 'Failed'];
const approvals = ['Approved', 'Denied'];
const statuses = ['False', 'True', 'Unknown'];

/** An honest request has two or three. */
const mostConditions = 64;

function statusErrors(status: RequestStatus, old: RequestStatus | undefined): FieldError[] {
  const errors: FieldError[] = [];
  if (status.conditions.length > mostConditions)
    return [
      invalid(
        'status.conditions',
        status.conditions.length,
        `must have no more than ${mostConditions} items`,
      ),
    ];
  const seen = new Set<string>();
  for (const [index, { type, status: value }] of status.conditions.entries()) {
    const field = `status.conditions[${index}]`;
    const allowed = decisions.includes(type) ? ['True'] : statuses;
    if (type === '') errors.push(required(`${field}.type`));
    if (value === '') errors.push(required(`${field}.status`));
    else if (!allowed.includes(value)) errors.push(notSupported(`${field}.status`, value, allowed));
    const [other] = approvals.filter((one) => one !== type);
    if (approvals.includes(type) && seen.has(other ?? ''))
      errors.push(invalid(`${field}.type`, type, 'Approved and Denied conditions are mutually exclusive'));
    if (seen.has(type)) errors.push(duplicate(`${field}.type`, type));
    seen.add(type);
  }
  if (status.certificate && !sameBytes(status.certificate, old?.certificate)) {
    const wrong = certificateFault(status.certificate);
    if (wrong) errors.push(invalid('status.certificate', '<certificate data>', wrong));
  }
  return errors;
}

const sameBytes = (left: Uint8Array | undefined, right: Uint8Array | undefined): boolean =>
  Buffer.from(left ?? []).equals(Buffer.from(right ?? []));

const mostCertificateBytes = 256 * 1024;

function certificateFault(pem: Uint8Array): string | undefined {
  if (pem.length > mostCertificateBytes) return `must be no more than ${mostCertificateBytes} bytes`;
  const { blocks, faults } = scanPem(Buffer.from(pem).toString('latin1'));
  const foreign = blocks.find((block) => block.label !== 'CERTIFICATE');
  if (foreign) return `only CERTIFICATE PEM blocks are allowed, found ${quoted(foreign.label)}`;
  if (blocks.length === 0 || faults.length > 0) return 'must contain at least one CERTIFICATE PEM block';
  return blocks.every((block) => 'got' in readCertificate(block.der))
    ? undefined
    : 'x509: malformed certificate';
}

/** Which part of the object a client updates. */
export type RequestPart = 'object' | 'approval' | 'status';

/**
 * What is stored when a client updates a request: of what it sent, the part that it may write.
 * @param now milliseconds since the epoch, for times that are left out.
 * @throws ApiFailure 400 or 422.
 */
export function updateRequest(
  object: KubeObject,
  old: KubeObject,
  part: RequestPart,
  now: number,
): KubeObject {
  const { spec: _spec, status: _status, ...rest } = object;
  const prepared: KubeObject = {
    ...(rest as KubeObject),
    spec: old['spec'],
    status: writtenStatus[part](object, old, now),
  };
  // What is stored was valid once, and cannot change: only its status can be at fault.
  const errors = [
    ...statusErrors(statusOf(prepared), statusOf(old)),
    ...changeErrors(statusOf(prepared), statusOf(old), part),
  ];
  if (errors.length > 0) throw invalidObject(kind, certificatesGroup, old.metadata.name, errors);
  return prepared;
}

type Prepared = (object: KubeObject, old: KubeObject, now: number) => Plain;

/** What of the status that a client sent counts. */
const writtenStatus: Readonly<Record<RequestPart, Prepared>> = {
  object: (_object, old) => plainOf(old['status'], 'status'),
  approval: (object, old, now) =>
    statusJson(timedConditions(statusOf(object), statusOf(old), now), statusOf(old).certificate),
  status: (object, old, now) => {
    const [sent, before] = [statusOf(object), statusOf(old)];
    return statusJson(
      timedConditions(
        {
          ...sent,
          conditions: approvals.reduce(
            (all, type) => withDecision(all, before.conditions, type),
            sent.conditions,
          ),
        },
        before,
        now,
      ),
      sent.certificate,
    );
  },
};

const statusJson = (conditions: readonly RequestCondition[], certificate: Uint8Array | undefined): Plain =>
  defined({
    certificate: certificate ? Buffer.from(certificate).toString('base64') : undefined,
    conditions: conditions.length > 0 ? conditions : undefined,
  });

/** The decision as it was made, in the position where the client returned it. An additional or missing one is refused later. */
function withDecision(
  conditions: readonly RequestCondition[],
  old: readonly RequestCondition[],
  type: string,
): readonly RequestCondition[] {
  const kept = old.filter((one) => one.type === type);
  return conditions.map((one) => (one.type === type ? (kept.shift() ?? one) : one));
}

function timedConditions(status: RequestStatus, old: RequestStatus, now: number): RequestCondition[] {
  const time = `${new Date(now).toISOString().slice(0, 19)}Z`;
  return status.conditions.map((condition) => {
    const same = old.conditions.find((one) => one.type === condition.type && one.status === condition.status);
    return {
      ...condition,
      lastUpdateTime: condition.lastUpdateTime ?? time,
      lastTransitionTime: condition.lastTransitionTime ?? same?.lastTransitionTime ?? time,
    };
  });
}

/** Of what `writtenStatus` left: a decision that was sent back changed is no longer so here. */
function changeErrors(status: RequestStatus, old: RequestStatus, part: RequestPart): FieldError[] {
  const field = 'status.conditions';
  const count = ({ conditions }: RequestStatus, type: string): number =>
    conditions.filter((one) => one.type === type).length;
  const errors: FieldError[] = [];
  for (const type of decisions)
    if (count(status, type) < count(old, type))
      errors.push(forbiddenField(field, `updates may not remove a condition of type ${quoted(type)}`));
  if (part === 'approval') return errors;
  for (const type of approvals)
    if (count(status, type) > count(old, type))
      errors.push(forbiddenField(field, `updates may not add a condition of type ${quoted(type)}`));
  if (old.certificate && !sameBytes(status.certificate, old.certificate))
    errors.push(forbiddenField('status.certificate', 'updates may not modify existing certificate content'));
  return errors;
}

const conditionFields = [
  'type',
  'status',
  'reason',
  'message',
  'lastUpdateTime',
  'lastTransitionTime',
] as const;

function sameConditions(left: readonly RequestCondition[], right: readonly RequestCondition[]): boolean {
  return (
    left.length === right.length &&
    left.every((one, index) => conditionFields.every((name) => one[name] === right[index]?.[name]))
  );
}

/**
 * Admission plugin CertificateSubjectRestriction: the group system:masters, which no rule can restrict, is not granted
 * through this API.
 */
function restrictSubject(object: KubeObject, { signerName }: RequestSpec, read: Read): void {
  if (signerName !== signers.client) return;
  const isMaster =
    'request' in read &&
    read.request.subject.attributes.some(({ type, value }) => type === 'O' && value === 'system:masters');
  if (isMaster)
    throw forbiddenObject(
      certificatesResource,
      certificatesGroup,
      object.metadata.name,
      `use of ${signers.client} signer with system:masters group is not allowed`,
    );
}

/**
 * Admissions CertificateApproval and CertificateSigning: beside the update itself the user needs the verb `approve` or
 * `sign` on the signer, or on all of its domain.
 * @param object the object to be stored instead of `old`.
 * @throws ApiFailure 403.
 */
export async function admitRequestUpdate(
  user: User,
  object: KubeObject,
  old: KubeObject,
  part: RequestPart,
  authorize: Authorize,
): Promise<void> {
  if (part === 'object') return;
  const [status, before] = [statusOf(object), statusOf(old)];
  if (
    part === 'status' &&
    sameBytes(status.certificate, before.certificate) &&
    sameConditions(status.conditions, before.conditions)
  )
    return;
  const { signerName } = specOf(old);
  const verb = part === 'approval' ? 'approve' : 'sign';
  for (const name of [signerName, `${signerName.split('/', 1)[0]}/*`]) {
    const { allowed } = await authorize({
      user,
      verb,
      group: certificatesGroup,
      version: '*',
      resource: 'signers',
      name,
    });
    if (allowed) return;
  }
  throw forbiddenObject(
    certificatesResource,
    certificatesGroup,
    old.metadata.name,
    `user not permitted to ${verb} requests with signerName ${quoted(signerName)}`,
  );
}
