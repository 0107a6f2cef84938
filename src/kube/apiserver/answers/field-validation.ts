/**
 * Applies `fieldValidation`: what becomes of fields that a kind does not have.
 */
import type { Decoded } from '../../objects/codec.ts';
import { ApiFailure } from '../../objects/objects.ts';
import type { BodyType } from '../resources.ts';
import type { ResourceRoute } from '../routes.ts';

/** Applies `fieldValidation` to unknown fields and returns the warnings. @throws ApiFailure 400 */
export function strictness(
  { type, route }: { readonly type: BodyType; readonly route: ResourceRoute },
  decoded: Decoded,
): readonly string[] {
  const { warnings, refused } = unknownFields(route, decoded);
  if (refused !== undefined)
    throw new ApiFailure(
      'BadRequest',
      `${type.kind} in version ${JSON.stringify(type.version)} cannot be handled as a ${type.kind}: ${refused}`,
    );
  return warnings;
}

/** @throws ApiFailure 422 for an unknown `fieldValidation` value. */
export function unknownFields(
  { query }: ResourceRoute,
  { unknown }: Decoded,
): { readonly warnings: readonly string[]; readonly refused?: string } {
  const asked = query.get('fieldValidation') || 'Warn';
  if (!['Strict', 'Warn', 'Ignore'].includes(asked)) {
    const message = `Unsupported value: ${JSON.stringify(asked.slice(0, 64))}: supported values: "Ignore", "Strict", "Warn"`;
    throw new ApiFailure('Invalid', `fieldValidation: ${message}`, {
      causes: [{ reason: 'FieldValueNotSupported', message, field: 'fieldValidation' }],
    });
  }
  const messages = unknown.map((field) => `unknown field ${JSON.stringify(field.slice(0, 256))}`);
  if (asked === 'Strict' && messages.length > 0)
    return { warnings: [], refused: `strict decoding error: ${messages.join(', ')}` };
  return { warnings: asked === 'Warn' ? messages : [] };
}
