/** Secrets: made, shown, changed and replaced. */
import { no, ok } from './command.ts';
import type { Command } from './command.ts';

const secret = (name: string, more: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name },
  ...more,
});
const validation = 'pkg/apis/core/validation/validation.go';
const generic = 'kubectl:cmd/create/create_secret.go';
const tls = 'kubectl:cmd/create/create_secret_tls.go';
const website = 'website:tasks/configmap-secret/managing-secret-using-kubectl';
const create = 'create -f -';
const unfit = (why: string): string =>
  `Error from server (BadRequest): error when creating "STDIN": Secret in version "v1" cannot be handled as a Secret: ${why}`;
const keyRule = `a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name', or 'KEY_NAME', or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')`;

export const secrets: readonly Command[] = [
  ok(
    "create secret generic db-user-pass --from-literal=username=admin --from-literal=password='S!B\\*d$zDsb='",
    'secret/db-user-pass created',
    website,
  ),
  ok(
    'create secret generic from-files --from-file=username.txt --from-file=pw=password.txt',
    'secret/from-files created',
    website,
  ),
  ok('create secret generic from-env --from-env-file=settings.env', 'secret/from-env created', generic),
  ok(
    'get secrets',
    'NAME TYPE DATA AGE\ndb-user-pass Opaque 2 <age>\nfrom-env Opaque 2 <age>\nfrom-files Opaque 2 <age>',
    website,
  ),
  ok(
    'describe secret db-user-pass',
    'Name: db-user-pass\nNamespace: default\nLabels: <none>\nAnnotations: <none>\n\nType: Opaque\n\nData\n====\n<word> <id> bytes\n<word> <id> bytes',
    website,
  ),
  ok(
    "get secret db-user-pass -o jsonpath='{.data}'",
    '{"password":"UyFCXCpkJHpEc2I9","username":"YWRtaW4="}',
    website,
  ),
  ok(
    `get secret db-user-pass -o go-template='{{.data.username | base64decode}}'`,
    'admin',
    'kubectl:util/templates/templates.go',
  ),
  ok("get secret db-user-pass -o jsonpath='{.data.nope}'", '', 'client-go:util/jsonpath/jsonpath.go'),
  no(
    "get secret db-user-pass -o jsonpath='{.data'",
    'error: error parsing jsonpath {.data, unclosed action',
    'client-go:util/jsonpath/parser.go',
  ),
  no(
    'get secret db-user-pass -o table',
    'error: unable to match a printer suitable for the output format "table", allowed formats are: custom-columns,custom-columns-file,go-template,go-template-file,json,jsonpath,jsonpath-as-json,jsonpath-file,name,template,templatefile,wide,yaml',
    'cli-runtime:genericclioptions/print_flags.go',
  ),
  ok(
    'get secret from-files -o yaml',
    'apiVersion: v1\ndata:\n pw: c2VjcmV0\n username.txt: YWRtaW4=\nkind: Secret\nmetadata:\n creationTimestamp: "<time>"\n name: from-files\n namespace: default\n resourceVersion: "<id>"\n uid: <word>\ntype: Opaque',
    'cli-runtime:printers/yaml.go',
  ),
  ok(
    'create secret generic shown --from-literal=a=b --dry-run=client -o yaml',
    'apiVersion: v1\ndata:\n a: Yg==\nkind: Secret\nmetadata:\n creationTimestamp: null\n name: shown',
    generic,
  ),
  ok(
    'create secret generic shown --from-literal=a=b --dry-run=server',
    'secret/shown created (server dry run)',
    generic,
  ),
  no(
    'get secret shown',
    'Error from server (NotFound): secrets "shown" not found',
    'apimachinery:api/errors/errors.go',
  ),
  no(
    'create secret generic db-user-pass --from-literal=a=b',
    'error: failed to create secret secrets "db-user-pass" already exists',
    generic,
  ),
  no(
    'create secret generic s --from-literal=a=1 --from-literal=a=2',
    'error: cannot add key a, another key by that name already exists',
    generic,
  ),
  no(
    'create secret generic s --from-literal=a=1 --from-env-file=settings.env',
    'error: from-env-file cannot be combined with from-file or from-literal',
    generic,
  ),
  no(
    'create secret generic s --from-file=nope.txt',
    'error: error reading nope.txt: no such file or directory',
    generic,
  ),
  no(
    'create secret',
    'Create a secret with specified type.\n\n A docker-registry type secret is for accessing a container registry.\n\n A generic type secret indicate an Opaque secret type.\n\n A tls type secret holds TLS certificate and its associated key.\n\nAvailable Commands:\n docker-registry Create a secret for use with a Docker registry\n generic Create a secret from a local file, directory, or literal value\n tls Create a TLS secret\n\nUsage:\n kubectl create secret (docker-registry | generic | tls) [options]\n\nUse "kubectl create secret <command> --help" for more information about a given command.\nUse "kubectl options" for a list of global command-line options (applies to all commands).',
    generic,
  ),
  no(
    'create secret generic Bad_Name --from-literal=a=b',
    `error: failed to create secret Secret "Bad_Name" is invalid: metadata.name: Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`,
    'apimachinery:util/validation/validation.go',
  ),
  no(
    'create secret generic s --from-literal=a=b -n nope',
    'error: failed to create secret namespaces "nope" not found',
    'apiserver:registry/generic/registry/store.go',
  ),
  no(
    'create secret generic s --from-file=big.bin',
    'error: failed to create secret Secret "s" is invalid: data: Too long: may not be more than 1048576 bytes',
    validation,
  ),
  ok('create secret generic large --from-file=large.bin', 'secret/large created', validation),
  ok('delete secret large', 'secret "large" deleted', 'kubectl:cmd/delete/delete.go'),
  ok('create secret tls web-tls --cert=pair.crt --key=pair.key', 'secret/web-tls created', tls),
  ok(
    'get secret web-tls',
    'NAME TYPE DATA AGE\nweb-tls kubernetes.io/tls 2 <age>',
    'pkg/printers/internalversion/printers.go',
  ),
  ok(
    'get secrets --field-selector type=kubernetes.io/tls -o name',
    'secret/web-tls',
    'pkg/registry/core/secret/strategy.go',
  ),
  ok(
    'get secrets --field-selector type!=Opaque -o name',
    'secret/web-tls',
    'pkg/registry/core/secret/strategy.go',
  ),
  no(
    'get secrets --field-selector data=x',
    'Error from server (BadRequest): Unable to find "/v1, Resource=secrets" that match label selector "", field selector "data=x": field label not supported: data',
    'pkg/apis/core/v1/conversion.go',
  ),
  no(
    'create secret tls s --cert=pair.crt --key=other.key',
    'error: tls: private key does not match public key',
    tls,
  ),
  no(
    'create secret tls s --cert=pair.key --key=pair.crt',
    'error: tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched',
    tls,
  ),
  no('create secret tls s --cert=pair.crt', 'error: key and cert must be specified', tls),
  ok(
    'create secret docker-registry regcred --docker-server=registry.example.com --docker-username=u --docker-password=p --docker-email=u@example.com',
    'secret/regcred created',
    'website:tasks/configure-pod-container/pull-image-private-registry',
  ),
  ok(
    `get secret regcred -o go-template='{{index .data ".dockerconfigjson" | base64decode}}'`,
    '{"auths":{"registry.example.com":{"username":"u","password":"p","email":"u@example.com","auth":"dTpw"}}}',
    'kubectl:cmd/create/create_secret_docker.go',
  ),
  no(
    'create secret docker-registry s --docker-username=u',
    'error: either --from-file or the combination of --docker-username, --docker-password and --docker-server is required',
    'kubectl:cmd/create/create_secret_docker.go',
  ),
  no(
    create,
    'The Secret "s" is invalid: data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": invalid character \'x\' looking for beginning of value',
    validation,
    { input: secret('s', { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': 'eA==' } }) },
  ),
  no(
    create,
    'The Secret "s" is invalid: \n* data[username]: Required value\n* data[password]: Required value',
    validation,
    { input: secret('s', { type: 'kubernetes.io/basic-auth' }) },
  ),
  no(create, 'The Secret "s" is invalid: data[ssh-privatekey]: Required value', validation, {
    input: secret('s', { type: 'kubernetes.io/ssh-auth' }),
  }),
  no(create, unfit('illegal base64 data at input byte 4'), 'staging/src/k8s.io/api/core/v1/types.go', {
    input: secret('s', { data: { password: 'pass!word' } }),
  }),
  no(
    create,
    unfit('json: cannot unmarshal number into Go struct field Secret.stringData of type string'),
    'staging/src/k8s.io/api/core/v1/types.go',
    { input: secret('s', { stringData: { password: 1234 } }) },
  ),
  no(
    create,
    unfit('strict decoding error: unknown field "dataa"'),
    'apimachinery:runtime/serializer/json/json.go',
    { input: secret('s', { dataa: {} }) },
  ),
  no(create, `The Secret "s" is invalid: data[bad key]: Invalid value: "bad key": ${keyRule}`, validation, {
    input: secret('s', { data: { 'bad key': 'eA==' } }),
  }),
  no(
    create,
    `The Secret "s" is invalid: metadata.labels: Invalid value: "a b": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')`,
    'apimachinery:apis/meta/v1/validation/validation.go',
    { input: { ...secret('s'), metadata: { name: 's', labels: { a: 'a b' } } } },
  ),
  no(
    'create -n default -f -',
    'error: the namespace from the provided object "dev" does not match the namespace "default". You must pass \'--namespace=dev\' to perform this operation.',
    'cli-runtime:resource/visitor.go',
    { input: { ...secret('s'), metadata: { name: 's', namespace: 'dev' } } },
  ),
  ok('apply -f -', 'secret/applied created', 'kubectl:cmd/apply/apply.go', {
    input: secret('applied', { stringData: { a: '1' } }),
  }),
  ok('apply -f -', 'secret/applied configured', 'kubectl:cmd/apply/apply.go', {
    input: secret('applied', { data: { a: 'MQ==' } }),
  }),
  ok('apply -f -', 'secret/applied configured', 'kubectl:cmd/apply/apply.go', {
    input: secret('applied', { data: { b: 'Mg==' } }),
  }),
  ok('apply -f -', 'secret/applied unchanged', 'kubectl:cmd/apply/apply.go', {
    input: secret('applied', { data: { b: 'Mg==' } }),
  }),
  no('diff -f -', "<any>- b: '*** (before)'\n+ b: '*** (after)'<any>", 'kubectl:cmd/diff/diff.go', {
    input: secret('applied', { data: { b: 'Mw==' } }),
  }),
  ok('diff -f -', '', 'kubectl:cmd/diff/diff.go', { input: secret('applied', { data: { b: 'Mg==' } }) }),
  ok(
    'apply view-last-applied secret applied',
    'apiVersion: v1\ndata:\n b: Mg==\nkind: Secret\nmetadata:\n annotations: {}\n name: applied\n namespace: default',
    'kubectl:cmd/apply/apply_view_last_applied.go',
  ),
  ok('apply view-last-applied secret db-user-pass', '', 'kubectl:cmd/apply/apply_view_last_applied.go'),
  ok(
    'apply --server-side -f -',
    'secret/server-side serverside-applied',
    'website:reference/using-api/server-side-apply',
    {
      input: secret('server-side', { data: { a: 'MQ==' } }),
      refusedAs: 'error: Server-side apply not available on the server: <any>',
    },
  ),
  ok(
    'edit secret applied',
    'secret/applied edited',
    'website:tasks/configmap-secret/managing-secret-using-kubectl',
    { environment: { KUBE_EDITOR: 'sed -i s/Mg==/NA==/' } },
  ),
  ok('edit secret applied', 'Edit cancelled, no changes made.', 'kubectl:cmd/util/editor/editoptions.go', {
    environment: { KUBE_EDITOR: 'true' },
  }),
  no(
    'edit secret applied',
    'error: secrets "applied" is invalid\nA copy of your changes has been stored to "<word>"\nerror: Edit cancelled, no valid changes were saved.',
    'kubectl:cmd/util/editor/editoptions.go',
    { environment: { KUBE_EDITOR: 'sed -i s/NA==/!!/' } },
  ),
  no(
    'edit secret nope',
    'Error from server (NotFound): secrets "nope" not found',
    'kubectl:cmd/edit/edit.go',
  ),
  ok(
    `patch secret db-user-pass -p '{"stringData":{"password":"new"}}'`,
    'secret/db-user-pass patched',
    'kubectl:cmd/patch/patch.go',
  ),
  ok(
    `patch secret db-user-pass --type=merge -p '{"data":{"username":null}}'`,
    'secret/db-user-pass patched',
    'kubectl:cmd/patch/patch.go',
  ),
  ok(
    `patch secret db-user-pass --type=json -p '[{"op":"add","path":"/data/token","value":"eA=="}]'`,
    'secret/db-user-pass patched',
    'kubectl:cmd/patch/patch.go',
  ),
  no(
    `patch secret db-user-pass --type=json -p '[{"op":"remove","path":"/data/nope"}]'`,
    `The request is invalid: the server rejected our request due to an error in our request`,
    'apiserver:endpoints/handlers/patch.go',
  ),
  no(
    `patch secret db-user-pass --type=json -p '[{"op":"test","path":"/data/token","value":"eQ=="}]'`,
    'The request is invalid: the server rejected our request due to an error in our request',
    'apiserver:endpoints/handlers/patch.go',
  ),
  no(
    `patch secret db-user-pass --type=json -p '{"data":{}}'`,
    'Error from server (BadRequest): error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp',
    'apiserver:endpoints/handlers/patch.go',
  ),
  no(
    `patch secret db-user-pass -p '{"data"'`,
    'Error from server (BadRequest): unexpected end of JSON input',
    'kubectl:cmd/patch/patch.go',
  ),
  no(
    `patch secret db-user-pass --type=wrong -p '{}'`,
    'error: --type must be one of [json merge strategic], not "wrong"',
    'kubectl:cmd/patch/patch.go',
  ),
  no(
    'patch secret db-user-pass',
    'error: must specify --patch or --patch-file containing the contents of the patch',
    'kubectl:cmd/patch/patch.go',
  ),
  no(
    `patch secret db-user-pass --type=merge -p '{"data":{"a":"not base64"}}'`,
    'The request is invalid: patch: Invalid value: "<any>: illegal base64 data at input byte 3',
    'apiserver:endpoints/handlers/patch.go',
  ),
  no(
    `patch secret db-user-pass --type=merge -p '{"data":"x"}'`,
    'The request is invalid: patch: Invalid value: "<any>: json: cannot unmarshal string into Go struct field Secret.data of type map[string][]uint8',
    'apiserver:endpoints/handlers/patch.go',
  ),
  ok('replace -f -', 'secret/db-user-pass replaced', 'kubectl:cmd/replace/replace.go', {
    input: secret('db-user-pass', { data: { a: 'eA==' } }),
  }),
  no(
    'replace -f -',
    'Error from server (Conflict): error when replacing "STDIN": Operation cannot be fulfilled on secrets "db-user-pass": the object has been modified; please apply your changes to the latest version and try again',
    'apiserver:registry/generic/registry/store.go',
    { input: { ...secret('db-user-pass'), metadata: { name: 'db-user-pass', resourceVersion: '1' } } },
  ),
  no(
    'replace -f -',
    'Error from server (NotFound): error when replacing "STDIN": secrets "nope" not found',
    'kubectl:cmd/replace/replace.go',
    { input: secret('nope') },
  ),
  no(
    'replace -f -',
    'The Secret "web-tls" is invalid: type: Invalid value: "Opaque": field is immutable',
    validation,
    { input: secret('web-tls', { data: { 'tls.crt': 'eA==', 'tls.key': 'eA==' } }) },
  ),
  no(
    'replace -f -',
    'Error from server (Conflict): error when replacing "STDIN": Operation cannot be fulfilled on secrets "db-user-pass": StorageError: invalid object, Code: 4, Key: /registry/secrets/default/db-user-pass, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: 1, UID in object meta: <word>',
    'apiserver:storage/errors.go',
    { input: { ...secret('db-user-pass'), metadata: { name: 'db-user-pass', uid: '1' } } },
  ),
  ok(
    'replace --force -f -',
    'secret "db-user-pass" deleted\nsecret/db-user-pass replaced',
    'kubectl:cmd/replace/replace.go',
    { input: secret('db-user-pass', { immutable: true }) },
  ),
  no(
    `patch secret db-user-pass -p '{"stringData":{"a":"b"}}'`,
    'The Secret "db-user-pass" is invalid: data: Forbidden: field is immutable when `immutable` is set',
    validation,
  ),
  ok('label secret db-user-pass env=prod', 'secret/db-user-pass labeled', 'kubectl:cmd/label/label.go'),
  no(
    'label secret db-user-pass env=test',
    "error: 'env' already has a value (prod), and --overwrite is false",
    'kubectl:cmd/label/label.go',
  ),
  ok(
    'label secret db-user-pass env=test --overwrite',
    'secret/db-user-pass labeled',
    'kubectl:cmd/label/label.go',
  ),
  ok(
    'get secrets -l env=test --show-labels',
    'NAME TYPE DATA AGE LABELS\ndb-user-pass Opaque 0 <age> env=test',
    'kubectl:cmd/get/get.go',
  ),
  ok(
    'get secrets -L env -l env',
    'NAME TYPE DATA AGE ENV\ndb-user-pass Opaque 0 <age> test',
    'kubectl:cmd/get/get.go',
  ),
  no(
    "get secrets -l 'env in (a'",
    'Error from server (BadRequest): Unable to find "/v1, Resource=secrets" that match label selector "env in (a", field selector "": unable to parse requirement: found \'\', expected: \',\' or \')\'',
    'apimachinery:labels/selector.go',
  ),
  ok('label secret db-user-pass env-', 'secret/db-user-pass unlabeled', 'kubectl:cmd/label/label.go'),
  ok(
    'label secret db-user-pass env-',
    'label "env" not found.\nsecret/db-user-pass labeled',
    'kubectl:cmd/label/label.go',
  ),
  ok(
    "annotate secret db-user-pass note='rotated in May'",
    'secret/db-user-pass annotated',
    'kubectl:cmd/annotate/annotate.go',
  ),
  no(
    'annotate secret db-user-pass note=again',
    "error: --overwrite is false but found the following declared annotation(s): 'note' already has a value (rotated in May)",
    'kubectl:cmd/annotate/annotate.go',
  ),
  no(
    "annotate secret db-user-pass 'bad key=x'",
    "The Secret \"db-user-pass\" is invalid: metadata.annotations: Invalid value: \"bad key\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName', or 'my.name', or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    'kubectl:cmd/annotate/annotate.go',
  ),
  ok(
    'delete secret db-user-pass from-env',
    'secret "db-user-pass" deleted\nsecret "from-env" deleted',
    'kubectl:cmd/delete/delete.go',
  ),
  no(
    'delete secret db-user-pass',
    'Error from server (NotFound): secrets "db-user-pass" not found',
    'apimachinery:api/errors/errors.go',
  ),
  ok('delete secret db-user-pass --ignore-not-found', '', 'kubectl:cmd/delete/delete.go'),
  no(
    'delete secrets --all -l a=b',
    "error: setting 'all' parameter but found a non empty selector.",
    'kubectl:cmd/delete/delete.go',
  ),
];
