/**
 * Reads the fields of a CertificateSigningRequest, with kube-apiserver’s errors for what is not of its type.
 */
import type { Dictionary } from '../../core/dictionary.ts';
import { defined } from '../../core/defined.ts';
import { ApiFailure } from '../objects/objects.ts';
import type { KubeObject } from '../objects/objects.ts';

export const certificatesGroup = 'certificates.k8s.io';
export const certificatesResource = 'certificatesigningrequests';
export const kind = 'CertificateSigningRequest';

export interface RequestSpec {
  /** PEM. */
  readonly request: Uint8Array;
  readonly signerName: string;
  readonly usages: readonly string[];
  readonly expirationSeconds?: number;
  readonly username: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Dictionary<readonly string[]>;
}

export interface RequestCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastUpdateTime?: string;
  readonly lastTransitionTime?: string;
}

export interface RequestStatus {
  readonly conditions: readonly RequestCondition[];
  /** PEM. */
  readonly certificate?: Uint8Array;
}

export type Plain = Dictionary<unknown>;

/** What stands where another type is expected: a decoding error, as kube-apiserver has it. */
function undecodable(field: string, expected: string): ApiFailure {
  return new ApiFailure(
    'BadRequest',
    `${kind} in version "v1" cannot be handled as a ${kind}: ${field} must be ${expected}`,
  );
}

export function plainOf(value: unknown, field: string): Plain {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw undecodable(field, 'an object');
  return value as Plain;
}

function textOf(object: Plain, name: string, field: string): string {
  const value = object[name] ?? '';
  if (typeof value !== 'string') throw undecodable(`${field}.${name}`, 'a string');
  return value;
}

function listOf(object: Plain, name: string, field: string): readonly unknown[] {
  const value = object[name] ?? [];
  if (!Array.isArray(value)) throw undecodable(`${field}.${name}`, 'a list');
  return value;
}

function textsOf(object: Plain, name: string, field: string): string[] {
  return listOf(object, name, field).map((one) => {
    if (typeof one !== 'string') throw undecodable(`${field}.${name}`, 'a list of strings');
    return one;
  });
}

/** JSON has bytes as base64. */
function bytesOf(object: Plain, name: string, field: string): Uint8Array {
  const text = textOf(object, name, field);
  const base64 = text.replace(/[\r\n]/g, '');
  if (base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64))
    throw undecodable(`${field}.${name}`, 'base64');
  return new Uint8Array(Buffer.from(base64, 'base64'));
}

/** @throws ApiFailure 400 for what is not of its type. */
export function specOf(object: KubeObject): RequestSpec {
  const spec = plainOf(object['spec'], 'spec');
  const { expirationSeconds } = spec;
  if (
    expirationSeconds !== undefined &&
    expirationSeconds !== null &&
    (!Number.isInteger(expirationSeconds) || Math.abs(Number(expirationSeconds)) > 2 ** 31 - 1)
  ) {
    throw undecodable('spec.expirationSeconds', 'an integer of 32 bits');
  }
  const extra = Object.fromEntries(
    Object.keys(plainOf(spec['extra'], 'spec.extra')).map((key) => [
      key,
      textsOf(plainOf(spec['extra'], 'spec.extra'), key, 'spec.extra'),
    ]),
  );
  const uid = textOf(spec, 'uid', 'spec');
  return {
    request: bytesOf(spec, 'request', 'spec'),
    signerName: textOf(spec, 'signerName', 'spec'),
    usages: textsOf(spec, 'usages', 'spec'),
    ...(typeof expirationSeconds === 'number' ? { expirationSeconds } : {}),
    username: textOf(spec, 'username', 'spec'),
    ...defined({ uid: uid || undefined }),
    groups: textsOf(spec, 'groups', 'spec'),
    ...(Object.keys(extra).length > 0 ? { extra } : {}),
  };
}

/** @throws ApiFailure 400 for what is not of its type. */
export function statusOf(object: KubeObject): RequestStatus {
  const status = plainOf(object['status'], 'status');
  const certificate = bytesOf(status, 'certificate', 'status');
  const conditions = listOf(status, 'conditions', 'status').map((one, index): RequestCondition => {
    const field = `status.conditions[${index}]`;
    const condition = plainOf(one, field);
    const optional = ['reason', 'message', 'lastUpdateTime', 'lastTransitionTime'].map(
      (name) => [name, textOf(condition, name, field)] as const,
    );
    return {
      type: textOf(condition, 'type', field),
      status: textOf(condition, 'status', field),
      ...Object.fromEntries(optional.filter(([, value]) => value !== '')),
    };
  });
  return { conditions, ...(certificate.length > 0 ? { certificate } : {}) };
}

export const hasCondition = ({ conditions }: RequestStatus, type: string): boolean =>
  conditions.some((one) => one.type === type && one.status === 'True');
