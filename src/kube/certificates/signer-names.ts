/**
 * Validates the name of a signer (DOMAIN/NAME), and names Kubernetes’ own.
 */
import { invalid, required, tooLong } from '../objects/field-error.ts';
import { quoted } from '../objects/go/quoted.ts';
import type { FieldError } from '../objects/field-error.ts';

export const signers = {
  client: 'kubernetes.io/kube-apiserver-client',
  kubeletClient: 'kubernetes.io/kube-apiserver-client-kubelet',
  kubeletServing: 'kubernetes.io/kubelet-serving',
  legacyUnknown: 'kubernetes.io/legacy-unknown',
} as const;

export const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const labelRule =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const subdomainRule =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const longest = { label: 63, subdomain: 253 } as const;

/** DOMAIN/NAME. */
export function signerNameErrors(signerName: string): FieldError[] {
  const field = 'spec.signerName';
  if (signerName === '') return [required(field)];
  if (signerName === signers.legacyUnknown)
    return [invalid(field, signerName, 'the legacy signerName is not allowed via this API version')];
  const [domain = '', path = '', ...more] = signerName.split('/', 3);
  if (!signerName.includes('/') || more.length > 0)
    return [
      invalid(
        field,
        signerName,
        "must be a fully qualified domain and path of the form 'example.com/signer-name'",
      ),
    ];
  const errors: FieldError[] = [];
  if (domain.length > longest.subdomain) errors.push(tooLong(field, longest.subdomain));
  const labels = domain.split('.');
  const wrong = labels.find((one) => one.length > longest.label || !label.test(one));
  if (wrong !== undefined)
    errors.push(
      invalid(
        field,
        domain,
        `validating label ${quoted(wrong)}: ${label.test(wrong) ? `must be no more than ${longest.label} characters` : labelRule}`,
      ),
    );
  if (labels.length < 2)
    errors.push(invalid(field, domain, 'should be a domain with at least two segments separated by dots'));
  const wrongPath = path.split('.').find((one) => one.length > longest.subdomain || !label.test(one));
  if (wrongPath !== undefined) {
    errors.push(
      invalid(
        field,
        path,
        `validating label ${quoted(wrongPath)}: ${label.test(wrongPath) ? `must be no more than ${longest.subdomain} characters` : subdomainRule}`,
      ),
    );
  }
  if (signerName.length > 2 * longest.subdomain + longest.label + 2)
    errors.push(tooLong(field, 2 * longest.subdomain + longest.label + 2));
  return errors;
}
