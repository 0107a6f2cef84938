/**
 * Parses a recipe from a file: the only file of this folder that imports zod. It checks shapes; `recipe.ts` checks
 * whether the rows are consistent. A warm start does not load it.
 */
import { defined } from '../../core/defined.ts';
import { z } from 'zod';
import { verbatim } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';
import { certificateFlaws, revocationFlaws } from './flaws.ts';
import type { CertificateFlaw, RevocationFlaw } from './flaws.ts';
import { controlPlaneRows, renewedRows } from '../kubeadm/recipe.ts';
import { planWorld } from './recipe.ts';
import { extendedKeyUsages, keyKinds, keyUsages, profileNames, subjectAttributes } from './plan.ts';
import type { Recipe } from './recipe.ts';

const duration = z.string().regex(/^[+-]?\d{1,6}[smhdy]$/, 'a duration such as -1d or 825d (s, m, h, d, y)');
const validity = z.strictObject({ from: duration.optional(), to: duration.optional() });
const subject = z.partialRecord(
  z.enum(subjectAttributes),
  z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]),
);

const certificateRow = z.strictObject({
  profile: z.enum(profileNames),
  issuer: z.string().optional(),
  subject,
  san: z.array(z.string()).optional(),
  key: z.enum(keyKinds).optional(),
  keyOf: z
    .string()
    .optional()
    .describe('A row above this one whose key it has, as after a renewal that keeps the key.'),
  validity: validity.optional(),
  keyUsage: z.array(z.enum(keyUsages)).optional(),
  extendedKeyUsage: z.array(z.enum(extendedKeyUsages)).optional(),
  pathLength: z.number().int().min(0).max(16).optional(),
  flaws: z.array(z.enum(Object.keys(certificateFlaws) as [CertificateFlaw, ...CertificateFlaw[]])).optional(),
});

const revocationRow = z.strictObject({
  validity: validity.optional(),
  flaws: z.array(z.enum(Object.keys(revocationFlaws) as [RevocationFlaw, ...RevocationFlaw[]])).optional(),
});

/** For the scenario schema, which may contain a recipe, and for the JSON Schema of editors. */
export const recipeSchema = z.strictObject({
  controlPlane: z
    .strictObject({
      node: z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/),
      madeDaysAgo: z
        .int()
        .min(1)
        .max(600)
        .optional()
        .describe(
          'How long ago the cluster was made; now, when left out. After 365 days all but the CAs have expired.',
        ),
      renewed: z
        .boolean()
        .optional()
        .describe(
          'Beside each certificate that kubeadm certs renew all renews, the new one: renewed-apiserver, renewed-admin.conf.',
        ),
    })
    .optional()
    .describe(
      'The certificates of a Kubernetes control plane as kubeadm makes them, above the rows of this file: ca, apiserver, etcd-ca, admin.conf and so on.',
    ),
  certificates: z.record(z.string(), certificateRow),
  revocations: z.record(z.string(), revocationRow).optional(),
});

/** The JSON Schema for editors, committed as schemas/recipe.schema.json. */
export function recipeJsonSchema(): object {
  return {
    title: 'The certificates of a wirelab scenario or lab',
    ...z.toJSONSchema(recipeSchema, { io: 'input' }),
  };
}

interface ControlPlaneRecipe {
  readonly node: string;
  readonly madeDaysAgo?: number;
  readonly renewed?: boolean;
}

function rowsOf({ node, madeDaysAgo, renewed = false }: ControlPlaneRecipe): Recipe['certificates'] {
  return { ...controlPlaneRows({ node }, madeDaysAgo), ...(renewed ? renewedRows({ node }) : {}) };
}

/**
 * Parses a recipe from YAML or JSON data.
 * @param source the file, for error messages.
 * @throws UserError naming file, path, what was expected and what was found.
 */
export function parseRecipe(value: unknown, source: string): Recipe {
  const result = recipeSchema.safeParse(value, { reportInput: true });
  if (!result.success) {
    const [issue] = result.error.issues;
    throw new UserError(
      defined({
        what: { en: 'invalid recipe', ko: '레시피의 형식이 맞지 않습니다' },
        where: `${source}: ${issue?.path.join('.') || '(top)'}`,
        expected: verbatim(issue?.message ?? ''),
        received: issue?.input === undefined ? undefined : JSON.stringify(issue.input).slice(0, 200),
      }),
    );
  }
  const { controlPlane, ...rows } = result.data as Recipe & { readonly controlPlane?: ControlPlaneRecipe };
  const recipe: Recipe = controlPlane
    ? { ...rows, certificates: { ...rowsOf(controlPlane), ...rows.certificates } }
    : rows;
  planWorld(recipe, source);
  return recipe;
}
