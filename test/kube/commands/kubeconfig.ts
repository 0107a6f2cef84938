/** Kubeconfig files: all of it is kubectl's own, and nothing of it reaches a server, but for the last. */
import { no, ok } from './command.ts';
import type { Command } from './command.ts';

const at = '--kubeconfig work.conf';

export const kubeconfig: readonly Command[] = [
  ok('config current-context', 'kubernetes-admin@kubernetes', 'kubectl:cmd/config/current_context.go'),
  ok(
    'config get-contexts',
    'CURRENT NAME CLUSTER AUTHINFO NAMESPACE\n* kubernetes-admin@kubernetes kubernetes kubernetes-admin',
    'kubectl:cmd/config/get_contexts.go',
  ),
  ok('config get-contexts -o name', 'kubernetes-admin@kubernetes', 'kubectl:cmd/config/get_contexts.go'),
  no(
    'config get-contexts nope',
    'CURRENT NAME CLUSTER AUTHINFO NAMESPACE\nerror: context nope not found',
    'kubectl:cmd/config/get_contexts.go',
  ),
  ok('config get-clusters', 'NAME\nkubernetes', 'kubectl:cmd/config/get_clusters.go'),
  ok('config get-users', 'NAME\nkubernetes-admin', 'kubectl:cmd/config/get_users.go'),
  ok(
    "config view --minify -o jsonpath='{.clusters[0].cluster.server}'",
    'https://127.0.0.1:<port>',
    'kubectl:cmd/config/view.go',
  ),
  ok(
    "config view -o jsonpath='{.users[0].user.client-certificate-data}'",
    'DATA+OMITTED',
    'kubectl:cmd/config/view.go',
  ),
  ok(
    "config view --raw -o jsonpath='{.clusters[0].cluster.certificate-authority-data}'",
    'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t<any>',
    'kubectl:cmd/config/view.go',
  ),
  no(
    'config use-context nope',
    'error: no context exists with the name: "nope"',
    'kubectl:cmd/config/use_context.go',
  ),
  no(
    'config use-context',
    'Set the current-context in a kubeconfig file.\n\nAliases:\nuse-context, use\n\nExamples:\n # Use the context for the minikube cluster\n kubectl config use-context minikube\n\nUsage:\n kubectl config use-context CONTEXT_NAME [options]\n\nUse "kubectl options" for a list of global command-line options (applies to all commands).\nerror: Unexpected args: []',
    'kubectl:cmd/config/use_context.go',
  ),
  ok(
    `config set-credentials alice --client-certificate=pair.crt --client-key=pair.key --embed-certs=true ${at}`,
    'User "alice" set.',
    'kubectl:cmd/config/set_credentials.go',
  ),
  no(
    `config set-credentials eve --client-certificate=nope.crt --embed-certs=true ${at}`,
    'error: could not stat client-certificate file nope.crt: stat nope.crt: no such file or directory',
    'kubectl:cmd/config/set_credentials.go',
  ),
  no(
    `config set-credentials eve --token=x --username=u ${at}`,
    'error: you cannot specify more than one authentication method at the same time: --token, --username/--password',
    'kubectl:cmd/config/set_credentials.go',
  ),
  ok(
    `config set-context alice --cluster=kubernetes --user=alice --namespace=dev ${at}`,
    'Context "alice" created.',
    'kubectl:cmd/config/set_context.go',
  ),
  ok(
    `config set-context alice --namespace=team ${at}`,
    'Context "alice" modified.',
    'kubectl:cmd/config/set_context.go',
  ),
  ok(`config use-context alice ${at}`, 'Switched to context "alice".', 'kubectl:cmd/config/use_context.go'),
  ok(
    `config view --minify -o jsonpath='{..namespace}' ${at}`,
    'team',
    'website:tasks/access-application-cluster/configure-access-multiple-clusters',
  ),
  ok(
    `config rename-context alice bob ${at}`,
    'Context "alice" renamed to "bob".',
    'kubectl:cmd/config/rename_context.go',
  ),
  no(
    `config rename-context alice carol ${at}`,
    'error: cannot rename the context "alice", it\'s not in work.conf',
    'kubectl:cmd/config/rename_context.go',
  ),
  ok(
    `config set-cluster other --server=https://192.0.2.1:6443 --certificate-authority=pair.crt ${at}`,
    'Cluster "other" set.',
    'kubectl:cmd/config/set_cluster.go',
  ),
  no(
    `config set-cluster other --insecure-skip-tls-verify=true --certificate-authority=pair.crt ${at}`,
    'error: you cannot specify a certificate authority and insecure mode at the same time',
    'kubectl:cmd/config/set_cluster.go',
  ),
  ok(
    `config set clusters.other.tls-server-name kubernetes ${at}`,
    'Property "clusters.other.tls-server-name" set.',
    'kubectl:cmd/config/set.go',
  ),
  ok(
    `config unset contexts.bob.namespace ${at}`,
    'Property "contexts.bob.namespace" unset.',
    'kubectl:cmd/config/unset.go',
  ),
  ok(
    `config delete-cluster other ${at}`,
    'deleted cluster other from work.conf',
    'kubectl:cmd/config/delete_cluster.go',
  ),
  no(
    `config delete-cluster other ${at}`,
    'error: cannot delete cluster other, not in work.conf',
    'kubectl:cmd/config/delete_cluster.go',
  ),
  no(
    `config delete-user nope ${at}`,
    'error: cannot delete user nope, not in work.conf',
    'kubectl:cmd/config/delete_user.go',
  ),
  ok(
    `config delete-context bob ${at}`,
    'deleted context bob from work.conf\nwarning: this removed your active context, use "kubectl config use-context" to select a different one',
    'kubectl:cmd/config/delete_context.go',
  ),
  no(
    'get pods --context nope',
    'Error in configuration: context was not found for specified context: nope',
    'client-go:tools/clientcmd/validation.go',
  ),
  no(
    'get pods --kubeconfig nope.conf',
    'error: stat nope.conf: no such file or directory',
    'client-go:tools/clientcmd/loader.go',
  ),
  no(
    'get pods --user nope',
    'error: auth info "nope" does not exist',
    'client-go:tools/clientcmd/validation.go',
  ),
  no(
    'get pods --certificate-authority=stranger.crt',
    '<any>Unable to connect to the server: tls: failed to verify certificate: x509: certificate signed by unknown authority',
    'client-go:transport/transport.go',
  ),
  no(
    'get pods --kubeconfig no-user.conf --token=abc',
    '<any>error: You must be logged in to the server (<any>)',
    'apiserver:endpoints/filters/authentication.go',
  ),
  ok(
    'get ns default --tls-server-name=kubernetes -o name',
    'namespace/default',
    'client-go:tools/clientcmd/overrides.go',
  ),
  no(
    'get ns default --tls-server-name=example.com -o name',
    '<any>Unable to connect to the server: tls: failed to verify certificate: x509: certificate is valid for control-plane, kubernetes, kubernetes.default, kubernetes.default.svc, kubernetes.default.svc.cluster.local, not example.com',
    'website:reference/access-authn-authz/certificate-signing-requests',
  ),
];
