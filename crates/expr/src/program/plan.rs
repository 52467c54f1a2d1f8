//! 「寄存」 Where each node's values lie while a program runs. Registers are used
//! again after their last reader, so that a chunk's work stays in cache.

use super::{Node, NodeId, Op, Rank, Storage};

/// Where a node's values lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the frame's fact column.
    Fact(usize),
    /// In the frame's record column.
    Field(usize, usize),
    /// In a register.
    Register(usize),
    /// In the environment where there is one region, else in a register.
    Parameter(usize, usize),
}

/// Registers of a program.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    pub(crate) places: Vec<Place>,
    /// The sort of each register's column.
    pub(crate) registers: Vec<Storage>,
    /// What depends on the day alone: computed once, before the first chunk.
    pub(crate) scalars: Vec<Step>,
    /// What is computed for each chunk, in order.
    pub(crate) steps: Vec<Step>,
}

/// A node to compute, and the register to put it in.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) id: NodeId,
    pub(crate) node: Node,
    /// What it reads.
    pub(crate) operands: Vec<NodeId>,
    pub(crate) register: usize,
}

impl Plan {
    /// With registers used again (`reuse`), or one for each node so that all
    /// values can be looked at afterwards.
    pub(crate) fn new(nodes: &[Node], outputs: &[NodeId], reuse: bool) -> Plan {
        let mut plan = Plan::default();
        let mut last_read: Vec<usize> = (0..nodes.len()).collect();
        for (place, node) in nodes.iter().enumerate() {
            for operand in node.op.operands() {
                last_read[operand.place()] = place;
            }
        }
        // Outputs are handed out when all is computed.
        for output in outputs {
            last_read[output.place()] = nodes.len();
        }
        let mut dying: Vec<Vec<usize>> = vec![Vec::new(); nodes.len() + 1];
        for (place, last) in last_read.iter().enumerate() {
            dying[*last].push(place);
        }
        let mut free: Vec<usize> = Vec::new();
        for (place, node) in nodes.iter().enumerate() {
            let found = match node.op {
                Op::Fact(fact) => Place::Fact(fact),
                Op::Field(kind, field) => Place::Field(kind, field),
                // Scalars are computed before the first chunk and stay: their
                // registers are nobody else's, before or after.
                _ if node.rank == Rank::Scalar => {
                    Place::Register(plan.register(node.storage, &mut Vec::new()))
                }
                _ => Place::Register(plan.register(node.storage, &mut free)),
            };
            let found = match (node.op, found) {
                (Op::Parameter(parameter), Place::Register(register)) => {
                    Place::Parameter(parameter, register)
                }
                (_, found) => found,
            };
            if let Place::Register(register) | Place::Parameter(_, register) = found {
                let step = Step {
                    id: NodeId(u32::try_from(place).unwrap_or(u32::MAX)),
                    node: *node,
                    operands: node.op.operands().collect(),
                    register,
                };
                match node.rank {
                    Rank::Scalar => plan.scalars.push(step),
                    _ => plan.steps.push(step),
                }
            }
            plan.places.push(found);
            // Operands die after the node has its own register: a register is
            // never read and written by one operation.
            for dead in &dying[place] {
                let scalar = nodes[*dead].rank == Rank::Scalar;
                if let (Place::Register(register) | Place::Parameter(_, register), true, false) =
                    (plan.places[*dead], reuse, scalar)
                {
                    free.push(register);
                }
            }
        }
        plan
    }

    fn register(&mut self, storage: Storage, free: &mut Vec<usize>) -> usize {
        let fitting = free.iter().rposition(|r| self.registers[*r] == storage);
        match fitting {
            Some(place) => free.swap_remove(place),
            None => {
                self.registers.push(storage);
                self.registers.len() - 1
            }
        }
    }
}
