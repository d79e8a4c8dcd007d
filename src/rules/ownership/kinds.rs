//! The services that make interfaces in other people's subnets, and how to recognise them.
//!
//! Sources: hashicorp/terraform-provider-aws (`internal/service/ec2/vpc_network_interface.go`),
//! aws/amazon-vpc-cni-k8s (`pkg/awsutils`), aws/amazon-vpc-resource-controller-k8s (`pkg/aws/ec2`),
//! and describe samples in public issues.

use super::Owner;
use crate::ec2::eni::Eni;

/// One kind of owner.
pub struct Kind {
    /// Short name for the tree.
    pub service: &'static str,
    /// Interface types that only this kind has.
    types: &'static [&'static str],
    /// What its descriptions begin with, or are.
    begins: &'static [&'static str],
    /// Nobody would write such a description by hand: it needs no other sign.
    distinctive: bool,
    resource: Resource,
    /// What to do instead of moving it; a whole sentence.
    pub instead: &'static str,
}

/// Where the owner's own resource stands in the description.
enum Resource {
    /// Nowhere.
    Unnamed,
    /// Nowhere: the description is the beginning and nothing more.
    Exact,
    /// All that comes after this part of the beginning: `app/web/50dc6c…`.
    After(&'static str),
    /// The word after the beginning, without what brackets or a colon add to it.
    Word,
    /// All that comes after the beginning.
    Rest,
    /// The function, before a UUID.
    Function,
    /// The whole description, or the word of it that begins like this.
    Arn(&'static str),
}

const LOAD_BALANCER: &str =
    "Register another target with the load balancer, or change the subnets it uses.";

/// More telling beginnings come before less telling ones.
const KINDS: &[Kind] = &[
    Kind {
        service: "ALB",
        types: &["load_balancer"],
        begins: &["ELB app/"],
        distinctive: true,
        resource: Resource::After("ELB "),
        instead: LOAD_BALANCER,
    },
    Kind {
        service: "NLB",
        types: &["network_load_balancer"],
        begins: &["ELB net/"],
        distinctive: true,
        resource: Resource::After("ELB "),
        instead: LOAD_BALANCER,
    },
    Kind {
        service: "Gateway LB",
        types: &["gateway_load_balancer"],
        begins: &["ELB gwy/"],
        distinctive: true,
        resource: Resource::After("ELB "),
        instead: LOAD_BALANCER,
    },
    Kind {
        service: "Classic LB",
        types: &[],
        begins: &["ELB "],
        distinctive: false,
        resource: Resource::Rest,
        instead: LOAD_BALANCER,
    },
    Kind {
        service: "NAT gateway",
        types: &["nat_gateway", "natGateway"],
        begins: &["Interface for NAT Gateway "],
        distinctive: true,
        resource: Resource::Word,
        instead: "Create another NAT gateway and point the routes to it.",
    },
    Kind {
        service: "Lambda",
        types: &["lambda"],
        begins: &["AWS Lambda VPC ENI-", "AWS Lambda VPC ENI: "],
        distinctive: true,
        resource: Resource::Function,
        instead: "Change the subnets in the function's VPC configuration.",
    },
    Kind {
        service: "VPC endpoint",
        types: &["vpc_endpoint"],
        begins: &["VPC Endpoint Interface "],
        distinctive: true,
        resource: Resource::Word,
        instead: "Add the other subnet to the endpoint.",
    },
    Kind {
        service: "GWLB endpoint",
        types: &["gateway_load_balancer_endpoint"],
        begins: &["VPC Endpoint Interface "],
        distinctive: false,
        resource: Resource::Word,
        instead: "Create an endpoint in the other subnet and point the routes to it.",
    },
    Kind {
        service: "RDS",
        types: &[],
        begins: &["RDSNetworkInterface"],
        distinctive: true,
        resource: Resource::Exact,
        instead: "Fail the database over with RDS itself (Multi-AZ, or promote a replica).",
    },
    Kind {
        service: "Redshift",
        types: &[],
        begins: &["RedshiftNetworkInterface"],
        distinctive: true,
        resource: Resource::Exact,
        instead: "Relocate or restore the cluster with Redshift itself.",
    },
    Kind {
        service: "ElastiCache",
        types: &[],
        begins: &["ElastiCache ", "ElastiCache+"],
        distinctive: false,
        resource: Resource::Rest,
        instead: "Fail over to a replica with ElastiCache itself.",
    },
    Kind {
        service: "EFS",
        types: &["efs"],
        begins: &["EFS mount target for "],
        distinctive: true,
        resource: Resource::Word,
        instead: "Create a mount target in the other zone and mount from there.",
    },
    Kind {
        service: "ECS task",
        types: &[],
        begins: &["arn:aws:ecs:", "arn:aws-cn:ecs:", "arn:aws-us-gov:ecs:"],
        distinctive: true,
        resource: Resource::Arn("arn:"),
        instead: "Let the ECS service start another task.",
    },
    Kind {
        service: "EKS control plane",
        types: &[],
        begins: &["Amazon EKS "],
        distinctive: false,
        resource: Resource::Rest,
        instead: "Change the subnets of the cluster with EKS itself.",
    },
    Kind {
        service: "EKS VPC CNI",
        types: &[],
        begins: &["aws-K8S-"],
        distinctive: true,
        resource: Resource::Word,
        instead: "Move the pods: drain the node, and its VPC CNI plugin gives the addresses back.",
    },
    Kind {
        service: "EKS pods",
        types: &[],
        begins: &["aws-k8s-"],
        distinctive: true,
        resource: Resource::Unnamed,
        instead: "Move the pods: drain the node, and its resource controller cleans up.",
    },
    Kind {
        service: "Transit gateway",
        types: &["transit_gateway"],
        begins: &["Network Interface for Transit Gateway Attachment "],
        distinctive: true,
        resource: Resource::Word,
        instead: "Change the subnets of the transit gateway's VPC attachment.",
    },
    Kind {
        service: "Directory Service",
        types: &[],
        begins: &["AWS created network interface for directory "],
        distinctive: true,
        resource: Resource::Word,
        instead: "Add a domain controller in the other subnet with Directory Service itself.",
    },
    Kind {
        service: "Route 53 Resolver",
        types: &[],
        begins: &["Route 53 Resolver: "],
        distinctive: true,
        resource: Resource::Word,
        instead: "Add an address in the other subnet to the Resolver endpoint.",
    },
    Kind {
        service: "SageMaker",
        types: &[],
        begins: &["[Do not delete]"],
        distinctive: false,
        resource: Resource::Arn("arn:"),
        instead: "Recreate the notebook instance in the other subnet.",
    },
    Kind {
        service: "Instance Connect",
        types: &["ec2_instance_connect_endpoint"],
        begins: &[],
        distinctive: false,
        resource: Resource::Unnamed,
        instead: "Create another EC2 Instance Connect endpoint in the other subnet.",
    },
    Kind {
        service: "Elastic VMware",
        types: &["evs"],
        begins: &[],
        distinctive: false,
        resource: Resource::Unnamed,
        instead: "Change the environment with Amazon EVS itself.",
    },
    Kind {
        service: "QuickSight",
        types: &["quicksight"],
        begins: &[],
        distinctive: false,
        resource: Resource::Unnamed,
        instead: "Change the VPC connection with QuickSight itself.",
    },
    Kind {
        service: "Global Accelerator",
        types: &["global_accelerator_managed"],
        begins: &[],
        distinctive: false,
        resource: Resource::Unnamed,
        instead: "Change the accelerator's endpoints.",
    },
    Kind {
        service: "API Gateway",
        types: &["api_gateway_managed"],
        begins: &[],
        distinctive: false,
        resource: Resource::Unnamed,
        instead: "Change the VPC link with API Gateway itself.",
    },
    Kind {
        service: "IoT rules",
        types: &["iot_rules_managed"],
        begins: &[],
        distinctive: false,
        resource: Resource::Unnamed,
        instead: "Change the rule's VPC destination.",
    },
    Kind {
        service: "CodeConnections",
        types: &["aws_codestar_connections_managed"],
        begins: &[],
        distinctive: false,
        resource: Resource::Unnamed,
        instead: "Change the connection's host.",
    },
];

/// The kind that alone has this interface type.
pub fn by_type(interface_type: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|k| k.types.contains(&interface_type))
}

/// The kind that writes such descriptions. `alone`: there is no other sign of a service.
pub fn by_description(description: &str, alone: bool) -> Option<&'static Kind> {
    KINDS
        .iter()
        .filter(|k| k.distinctive || !alone)
        .find(|k| k.tail(description).is_some())
}

/// The kind with this short name.
pub fn by_service(service: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|k| k.service == service)
}

impl Kind {
    /// What comes after the beginning, if the description has it.
    fn tail<'d>(&self, description: &'d str) -> Option<&'d str> {
        let exact = matches!(self.resource, Resource::Exact);
        self.begins
            .iter()
            .find_map(|begin| description.strip_prefix(begin))
            .filter(|tail| !exact || tail.is_empty())
    }

    /// The owner of this very interface.
    pub fn owner(&self, eni: &Eni) -> Owner {
        let resource = self.resource(eni);
        let of = resource.as_ref().map(|r| format!(" {r}"));
        Owner {
            service: self.service,
            because: format!(
                "Made for {}{}; not to be moved by hand. {}",
                self.service,
                of.unwrap_or_default(),
                self.instead
            ),
            resource,
        }
    }

    fn resource(&self, eni: &Eni) -> Option<String> {
        let description = &*eni.description;
        let tail = self.tail(description).unwrap_or_default();
        let text = match self.resource {
            Resource::Unnamed | Resource::Exact => "",
            Resource::After(begin) => description.strip_prefix(begin).unwrap_or_default(),
            Resource::Rest => tail.trim(),
            Resource::Word => tail.split([' ', ':', '(']).next().unwrap_or_default(),
            Resource::Function => function(eni, tail),
            Resource::Arn(begin) => {
                let mut words = description.split_whitespace();
                words
                    .find(|word| word.starts_with(begin))
                    .unwrap_or_default()
            }
        };
        (!text.is_empty()).then(|| text.to_owned())
    }
}

/// A Lambda function: before the UUID of the description, or after the role of the requester.
fn function<'e>(eni: &'e Eni, tail: &'e str) -> &'e str {
    const UUID: usize = "-01234567-89ab-cdef-0123-456789abcdef".len();
    let before_uuid = tail.len().checked_sub(UUID).and_then(|end| tail.get(..end));
    let of_requester = || {
        let requester = eni.requester_id.as_deref()?;
        requester.split_once(':').map(|(_, function)| function)
    };
    before_uuid
        .filter(|name| !name.is_empty())
        .or_else(of_requester)
        .unwrap_or_default()
}
