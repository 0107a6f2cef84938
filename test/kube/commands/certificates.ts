/** The Certificates API: requests, approvals, signers. */
import { no, ok } from './command.ts';
import type { Command } from './command.ts';

const plural = 'certificatesigningrequests.certificates.k8s.io';
const one = 'certificatesigningrequest.certificates.k8s.io';
const client = 'kubernetes.io/kube-apiserver-client';

const asked = (name: string, spec: object = {}): object => ({
  apiVersion: 'certificates.k8s.io/v1',
  kind: 'CertificateSigningRequest',
  metadata: { name },
  spec: { request: '@base64(alice.csr)', signerName: client, usages: ['client auth'], ...spec },
});
const validation = 'pkg/apis/certificates/validation/validation.go';
const invalid = (name: string, why: string): string =>
  `The CertificateSigningRequest "${name}" is invalid: ${why}`;
const created = (name: string): string => `${one}/${name} created`;
const unfit = (why: string): string =>
  `Error from server (BadRequest): error when creating "STDIN": CertificateSigningRequest in version "v1" cannot be handled as a CertificateSigningRequest: ${why}`;
const create = 'create -f -';

export const certificates: readonly Command[] = [
  ok(create, created('alice'), 'website:reference/access-authn-authz/certificate-signing-requests', {
    input: asked('alice'),
  }),
  no(
    create,
    `Error from server (AlreadyExists): error when creating "STDIN": ${plural} "alice" already exists`,
    'apimachinery:api/errors/errors.go',
    { input: asked('alice') },
  ),
  ok(
    'apply -f -',
    `${one}/alice configured\nWarning: resource certificatesigningrequests/alice is missing the kubectl.kubernetes.io/last-applied-configuration annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.`,
    'kubectl:cmd/apply/apply.go',
    { input: asked('alice') },
  ),
  ok(
    'get csr alice',
    `NAME AGE SIGNERNAME REQUESTOR REQUESTEDDURATION CONDITION\nalice <age> ${client} kubernetes-admin <none> Pending`,
    'pkg/printers/internalversion/printers.go',
  ),
  ok(
    'get csr alice -o wide',
    `NAME AGE SIGNERNAME REQUESTOR REQUESTEDDURATION CONDITION\nalice <age> ${client} kubernetes-admin <none> Pending`,
    'pkg/printers/internalversion/printers.go',
  ),
  ok(
    "get csr alice -o jsonpath='{.spec.username} {.spec.groups}'",
    'kubernetes-admin ["kubeadm:cluster-admins","system:authenticated"]',
    'pkg/registry/certificates/certificates/strategy.go',
  ),
  ok(
    'get csr alice -o custom-columns=NAME:.metadata.name,SIGNER:.spec.signerName,CERT:.status.certificate',
    `NAME SIGNER CERT\nalice ${client} <none>`,
    'kubectl:cmd/get/customcolumn.go',
  ),
  ok(
    'describe csr alice',
    `Name: alice\nLabels: <none>\nAnnotations: kubectl.kubernetes.io/last-applied-configuration={<any>}\n\nCreationTimestamp: <any>\nRequesting User: kubernetes-admin\nSigner: ${client}\nStatus: Pending\nSubject:\n Common Name: alice\n Serial Number: \n Organization: dev\nEvents: <none>`,
    'kubectl:describe/describe.go',
  ),
  ok(
    `patch csr alice -p '{"spec":{"usages":["server auth"]}}'`,
    `${one}/alice patched (no change)`,
    'pkg/registry/certificates/certificates/strategy.go',
  ),
  ok(
    `patch csr alice --type=json -p '[{"op":"replace","path":"/spec/signerName","value":"example.com/x"}]'`,
    `${one}/alice patched (no change)`,
    'pkg/registry/certificates/certificates/strategy.go',
  ),
  no(
    'wait --for=condition=Approved csr/alice --timeout=1s',
    'error: timed out waiting for the condition on certificatesigningrequests/alice',
    'kubectl:cmd/wait/condition.go',
  ),
  ok('certificate approve alice', `${one}/alice approved`, 'kubectl:cmd/certificates/certificates.go'),
  ok(
    "wait --for=jsonpath='{.status.certificate}' csr/alice --timeout=30s",
    `${one}/alice condition met`,
    'website:reference/kubectl/generated/kubectl_wait',
  ),
  ok(
    'get csr alice',
    `NAME AGE SIGNERNAME REQUESTOR REQUESTEDDURATION CONDITION\nalice <age> ${client} kubernetes-admin <none> Approved,Issued`,
    'pkg/printers/internalversion/printers.go',
  ),
  ok(
    `get csr alice -o jsonpath='{.status.conditions[0].type}|{.status.conditions[0].reason}|{.status.conditions[0].message}'`,
    'Approved|KubectlApprove|This CSR was approved by kubectl certificate approve.',
    'kubectl:cmd/certificates/certificates.go',
  ),
  ok('certificate approve alice', `${one}/alice approved`, 'kubectl:cmd/certificates/certificates.go'),
  no(
    'certificate deny alice',
    'error: certificate signing request "alice" is already Approved',
    'kubectl:cmd/certificates/certificates.go',
  ),
  no(
    'certificate approve',
    'error: one or more CSRs must be specified as <name> or -f <filename>',
    'kubectl:cmd/certificates/certificates.go',
  ),
  no(
    'certificate approve alice nope',
    `${one}/alice approved\nError from server (NotFound): ${plural} "nope" not found`,
    'kubectl:cmd/certificates/certificates.go',
  ),
  ok(
    'certificate sign alice',
    'Modify certificate resources.\n\nAvailable Commands:\n approve Approve a certificate signing request\n deny Deny a certificate signing request\n\nUsage:\n kubectl certificate SUBCOMMAND [options]\n\nUse "kubectl certificate <command> --help" for more information about a given command.\nUse "kubectl options" for a list of global command-line options (applies to all commands).',
    'kubectl:cmd/certificates/certificates.go',
  ),
  no(
    `patch csr alice --subresource=status --type=merge -p '{"status":{"certificate":"eA=="}}'`,
    invalid(
      'alice',
      '\n* status.certificate: Invalid value: "<certificate data>": must contain at least one CERTIFICATE PEM block\n* status.certificate: Forbidden: updates may not modify existing certificate content',
    ),
    validation,
  ),
  no(
    `patch csr alice --subresource=approval --type=merge -p '{"status":{"conditions":[]}}'`,
    invalid('alice', 'status.conditions: Forbidden: updates may not remove a condition of type "Approved"'),
    validation,
  ),
  no(
    `patch csr alice --subresource=scale -p '{}'`,
    'Error from server (NotFound): the server could not find the requested resource',
    'kubectl:cmd/patch/patch.go',
  ),
  ok('get csr alice --subresource=status -o name', `${one}/alice`, 'kubectl:cmd/get/get.go'),
  ok('label csr alice team=dev', `${one}/alice labeled`, 'kubectl:cmd/label/label.go'),
  ok('get csr -l team=dev -o name', `${one}/alice`, 'kubectl:cmd/get/get.go'),
  ok(
    `get csr --field-selector spec.signerName=${client} -o name`,
    `${one}/alice`,
    'pkg/registry/certificates/certificates/strategy.go',
  ),
  no(
    'get csr --field-selector status.phase=Pending',
    'Error from server (BadRequest): Unable to find "certificates.k8s.io/v1, Resource=certificatesigningrequests" that match label selector "", field selector "status.phase=Pending": field label not supported: status.phase',
    'pkg/apis/certificates/v1/conversion.go',
  ),
  no(
    'get csr nope',
    `Error from server (NotFound): ${plural} "nope" not found`,
    'apimachinery:api/errors/errors.go',
  ),
  no(
    'describe csr nope',
    `Error from server (NotFound): ${plural} "nope" not found`,
    'apimachinery:api/errors/errors.go',
  ),
  no(
    create,
    invalid('bad', 'spec.request: Invalid value: []byte{<any>}: PEM block type must be CERTIFICATE REQUEST'),
    validation,
    { input: asked('bad', { request: 'bm90IGEgUEVN' }) },
  ),
  no(
    create,
    invalid('bad', 'spec.request: Invalid value: []byte{<any>}: PEM block type must be CERTIFICATE REQUEST'),
    validation,
    { input: asked('bad', { request: '@base64(pair.crt)' }) },
  ),
  no(create, unfit('illegal base64 data at input byte 0'), 'website:tasks/tls/managing-tls-in-a-cluster', {
    input: asked('bad', { request: '@text(alice.csr)' }),
  }),
  no(
    create,
    invalid('bad', 'spec.request: Invalid value: []byte(nil): PEM block type must be CERTIFICATE REQUEST'),
    validation,
    { input: asked('bad', { request: undefined }) },
  ),
  no(create, invalid('bad', 'spec.signerName: Required value'), validation, {
    input: asked('bad', { signerName: undefined }),
  }),
  no(
    create,
    invalid(
      'bad',
      `spec.signerName: Invalid value: "kube-apiserver-client": must be a fully qualified domain and path of the form 'example.com/signer-name'`,
    ),
    'pkg/apis/certificates/validation/validation.go',
    { input: asked('bad', { signerName: 'kube-apiserver-client' }) },
  ),
  no(
    create,
    invalid(
      'bad',
      'spec.signerName: Invalid value: "kubernetes.io/legacy-unknown": the legacy signerName is not allowed via this API version',
    ),
    validation,
    { input: asked('bad', { signerName: 'kubernetes.io/legacy-unknown' }) },
  ),
  no(create, invalid('bad', 'spec.usages: Required value'), validation, {
    input: asked('bad', { usages: [] }),
  }),
  no(
    create,
    invalid(
      'bad',
      'spec.usages[0]: Unsupported value: "web auth": supported values: "any", "cert sign", "client auth", "code signing", "content commitment", "crl sign", "data encipherment", "decipher only", "digital signature", "email protection", "encipher only", "ipsec end system", "ipsec tunnel", "ipsec user", "key agreement", "key encipherment", "microsoft sgc", "netscape sgc", "ocsp signing", "s/mime", "server auth", "signing", "timestamping"',
    ),
    validation,
    { input: asked('bad', { usages: ['web auth'] }) },
  ),
  no(create, invalid('bad', 'spec.usages[1]: Duplicate value: "client auth"'), validation, {
    input: asked('bad', { usages: ['client auth', 'client auth'] }),
  }),
  no(
    create,
    invalid(
      'bad',
      'spec.expirationSeconds: Invalid value: 60: may not specify a duration less than 600 seconds (10 minutes)',
    ),
    validation,
    { input: asked('bad', { expirationSeconds: 60 }) },
  ),
  no(
    create,
    unfit(
      'json: cannot unmarshal string into Go struct field CertificateSigningRequestSpec.spec.expirationSeconds of type int32',
    ),
    'staging/src/k8s.io/api/certificates/v1/types.go',
    { input: asked('bad', { expirationSeconds: '1h' }) },
  ),
  no(
    create,
    unfit(
      'json: cannot unmarshal string into Go struct field CertificateSigningRequestSpec.spec.usages of type []v1.KeyUsage',
    ),
    'staging/src/k8s.io/api/certificates/v1/types.go',
    { input: asked('bad', { usages: 'client auth' }) },
  ),
  no(
    create,
    unfit('strict decoding error: unknown field "spec.signer"'),
    'apimachinery:runtime/serializer/json/json.go',
    { input: asked('bad', { signer: client }) },
  ),
  no(
    create,
    `Error from server (Forbidden): error when creating "STDIN": ${plural} "bad" is forbidden: use of ${client} signer with system:masters group is not allowed`,
    'plugin/pkg/admission/certificates/subjectrestriction/admission.go',
    { input: asked('bad', { request: '@base64(masters.csr)' }) },
  ),
  no(
    create,
    'error: resource mapping not found for name: "bad" namespace: "" from "STDIN": no matches for kind "CertificateSigningRequest" in version "certificates.k8s.io/v1beta1"\nensure CRDs are installed first',
    'cli-runtime:resource/mapper.go',
    { input: { ...asked('bad'), apiVersion: 'certificates.k8s.io/v1beta1' } },
  ),
  no(
    create,
    invalid(
      'Bad_Name',
      `metadata.name: Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
    ),
    'apimachinery:util/validation/validation.go',
    { input: asked('Bad_Name') },
  ),
  no(
    'create -f - --dry-run=nope',
    'error: Invalid dry-run value (nope). Must be "none", "server", or "client".',
    'kubectl:cmd/util/helpers.go',
    { input: asked('bad') },
  ),
  ok(create, created('server-usage'), 'website:reference/access-authn-authz/certificate-signing-requests', {
    input: asked('server-usage', { usages: ['server auth'] }),
  }),
  ok(
    'certificate approve server-usage',
    `${one}/server-usage approved`,
    'kubectl:cmd/certificates/certificates.go',
  ),
  ok(
    'wait --for=condition=Failed csr/server-usage --timeout=30s',
    `${one}/server-usage condition met`,
    'pkg/controller/certificates/signer/signer.go',
  ),
  ok(
    'get csr server-usage --no-headers',
    `server-usage <age> ${client} kubernetes-admin <none> Approved,Failed`,
    'pkg/printers/internalversion/printers.go',
  ),
  ok(
    `get csr server-usage -o jsonpath='{.status.conditions[?(@.type=="Failed")].reason}: {.status.conditions[?(@.type=="Failed")].message}'`,
    'SignerValidationFailure: invalid usage for client certificate: server auth',
    'pkg/controller/certificates/signer/signer.go',
  ),
  ok(create, created('own'), 'website:reference/access-authn-authz/certificate-signing-requests', {
    input: asked('own', { signerName: 'example.com/own', expirationSeconds: 3600 }),
  }),
  ok('certificate approve -f -', `${one}/own approved`, 'kubectl:cmd/certificates/certificates.go', {
    input: asked('own'),
  }),
  ok(
    'get csr own --no-headers',
    'own <age> example.com/own kubernetes-admin 60m Approved',
    'pkg/printers/internalversion/printers.go',
  ),
  ok(create, created('serving'), 'website:reference/access-authn-authz/certificate-signing-requests', {
    input: asked('serving', {
      signerName: 'kubernetes.io/kubelet-serving',
      usages: ['server auth', 'digital signature'],
    }),
  }),
  ok('certificate approve serving', `${one}/serving approved`, 'kubectl:cmd/certificates/certificates.go'),
  ok(
    `get csr serving -o jsonpath='{.status.conditions[?(@.type=="Failed")].message}'`,
    'subject organization is not system:nodes',
    'pkg/apis/certificates/helpers.go',
    { isAwaited: true },
  ),
  ok(create, created('denied'), 'website:reference/access-authn-authz/certificate-signing-requests', {
    input: asked('denied'),
  }),
  ok('certificate deny denied', `${one}/denied denied`, 'kubectl:cmd/certificates/certificates.go'),
  ok(
    'get csr denied --no-headers',
    `denied <age> ${client} kubernetes-admin <none> Denied`,
    'pkg/printers/internalversion/printers.go',
  ),
  no(
    'certificate approve denied',
    'error: certificate signing request "denied" is already Denied',
    'kubectl:cmd/certificates/certificates.go',
  ),
  no(
    `patch csr denied --subresource=approval --type=json -p '[{"op":"add","path":"/status/conditions/-","value":{"type":"Approved","status":"True"}}]'`,
    invalid(
      'denied',
      'status.conditions[1].type: Invalid value: "Approved": Approved and Denied conditions are mutually exclusive',
    ),
    validation,
  ),
  no(
    `patch csr denied --subresource=approval --type=json -p '[{"op":"replace","path":"/status/conditions/0/status","value":"False"}]'`,
    invalid('denied', 'status.conditions[0].status: Unsupported value: "False": supported values: "True"'),
    validation,
  ),
  no(
    'certificate approve denied --as=bob',
    `Error from server (Forbidden): ${plural} "denied" is forbidden: User "bob" cannot get resource "certificatesigningrequests" in API group "certificates.k8s.io" at the cluster scope`,
    'apiserver:endpoints/handlers/responsewriters/errors.go',
  ),
  ok(create, created('pending'), 'website:reference/access-authn-authz/certificate-signing-requests', {
    input: asked('pending'),
  }),
  ok(
    `create clusterrole approver --verb=get,update --resource=csr,csr/approval`,
    'clusterrole.rbac.authorization.k8s.io/approver created',
    'kubectl:cmd/create/create_clusterrole.go',
  ),
  ok(
    'create clusterrolebinding approver --clusterrole=approver --user=bob',
    'clusterrolebinding.rbac.authorization.k8s.io/approver created',
    'kubectl:cmd/create/create_clusterrolebinding.go',
  ),
  no(
    'certificate approve pending --as=bob',
    `Error from server (Forbidden): ${plural} "pending" is forbidden: user not permitted to approve requests with signerName "${client}"`,
    'plugin/pkg/admission/certificates/approval/admission.go',
    { isAwaited: true },
  ),
  no(
    'create clusterrole signers --verb=approve --resource=signers.certificates.k8s.io',
    'Warning: \'approve\' is not a standard resource verb\nthe server doesn\'t have a resource type "signers" in group "certificates.k8s.io"',
    'kubectl:cmd/create/create_clusterrole.go',
  ),
  ok('edit csr pending', `${one}/pending edited`, 'kubectl:cmd/edit/edit.go', {
    environment: { KUBE_EDITOR: `sed -i 's/^  name: pending/  labels: {a: b}\\n  name: pending/'` },
  }),
  ok(
    'delete csr alice pending',
    `${one} "alice" deleted\n${one} "pending" deleted`,
    'kubectl:cmd/delete/delete.go',
  ),
  ok(
    'delete csr --all',
    `${one} "denied" deleted\n${one} "own" deleted\n${one} "server-usage" deleted\n${one} "serving" deleted`,
    'kubectl:cmd/delete/delete.go',
  ),
  ok('get csr', 'No resources found', 'kubectl:cmd/get/get.go'),
];
